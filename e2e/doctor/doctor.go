package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// Result is how a check ended.
type Result string

// The results.
const (
	Right     Result = "ok"
	Wrong     Result = "wrong"
	Doubtful  Result = "doubtful" // it works, and is known to end badly
	Unchecked Result = "unchecked"
)

// Check is one thing that was looked at.
type Check struct {
	Name   string          `json:"name"`
	Result Result          `json:"result"`
	Says   string          `json:"says"`            // what was seen, without secrets
	Cause  diagnosis.Cause `json:"cause,omitempty"` // of what is wrong or doubtful
	Fix    string          `json:"fix,omitempty"`
}

// Target is what is looked at. Without a user, what takes a login is left
// unchecked; without an API server, what takes one is.
type Target struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	RedirectURI  string         // the dashboard's callback
	Scopes       []string       // beside openid
	Roots        *x509.CertPool // vouch for the issuer; nil is the machine's own
	Username     string
	Password     string
	APIServer    string         // its URL, or empty
	APIRoots     *x509.CertPool // vouch for the API server; nil is the machine's own
	Clocks       *Clocks        // what has been seen of them so far, or nil
}

// answerTimeout is the longest that one answer may take.
const answerTimeout = 10 * time.Second

// shortLifetime is a token's that hardly outlives a page's loading: Headlamp
// refreshes in its last ten seconds.
const shortLifetime = 30 * time.Second

// examination is one under way.
type examination struct {
	target   Target
	client   *http.Client
	clocks   *Clocks
	provider *oidc.Provider
	config   oauth2.Config
	tokens   *oauth2.Token
	checks   []Check
}

// Examine looks at a target. It stops at what makes everything after it
// meaningless, and says so.
func Examine(ctx context.Context, target Target) ([]Check, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make a jar for cookies: %w", err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: target.Roots, MinVersion: tls.VersionTLS12}, Proxy: http.ProxyFromEnvironment}
	defer transport.CloseIdleConnections()
	seen := target.Clocks
	if seen == nil {
		seen = &Clocks{}
	}
	e := &examination{target: target, clocks: seen, client: &http.Client{
		Jar: jar, Timeout: answerTimeout, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	ctx = oidc.ClientContext(ctx, e.client)
	steps := []struct {
		name string
		take func(context.Context) bool
	}{
		{"discovery", e.discover}, {"redirect URI and scopes", e.authorize}, {"client secret", e.authenticate},
		{"login", e.logIn}, {"claims", e.claims}, {"API server", e.askAPIServer}, {"refresh", e.refresh},
	}
	for i, step := range steps {
		if step.take(ctx) {
			continue
		}
		for _, left := range steps[i+1:] {
			e.unchecked(left.name, "it takes what was found wrong above, or was not given")
		}
		break
	}
	e.compareClocks()
	return e.checks, nil
}

func (e *examination) right(name, format string, args ...any) bool {
	e.checks = append(e.checks, Check{Name: name, Result: Right, Says: fmt.Sprintf(format, args...)})
	return true
}

func (e *examination) unchecked(name, why string) {
	e.checks = append(e.checks, Check{Name: name, Result: Unchecked, Says: why})
}

// wrong notes what is wrong, with what the diagnosis knows of its cause.
func (e *examination) wrong(name string, cause diagnosis.Cause, format string, args ...any) bool {
	return e.note(name, Wrong, cause, format, args...)
}

func (e *examination) note(name string, result Result, cause diagnosis.Cause, format string, args ...any) bool {
	_, fix := diagnosis.Explain(cause)
	e.checks = append(e.checks, Check{Name: name, Result: result, Says: redact.Text(fmt.Sprintf(format, args...)), Cause: cause, Fix: fix})
	return false
}

func (e *examination) discover(ctx context.Context) bool {
	const name = "discovery"
	provider, err := oidc.NewProvider(ctx, e.target.Issuer)
	switch unknown := (x509.UnknownAuthorityError{}); {
	case err == nil:
	case errors.As(err, &unknown):
		return e.wrong(name, diagnosis.IssuerUntrusted, "the issuer's certificate is not trusted: %v", err)
	case strings.Contains(err.Error(), "did not match the issuer"):
		return e.wrong(name, diagnosis.IssuerNamed, "the issuer calls itself otherwise: %v", err)
	default:
		return e.wrong(name, diagnosis.IssuerUnreachable, "the issuer's configuration cannot be read: %v", err)
	}
	e.provider = provider
	e.config = oauth2.Config{
		ClientID: e.target.ClientID, ClientSecret: e.target.ClientSecret, RedirectURL: e.target.RedirectURI,
		Endpoint: provider.Endpoint(), Scopes: append([]string{oidc.ScopeOpenID}, e.target.Scopes...),
	}
	// Trying one way after the other would use a code twice, and hide why it was refused.
	e.config.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	return e.right(name, "the issuer is %s, and calls itself so", e.target.Issuer)
}
