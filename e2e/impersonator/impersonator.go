package impersonator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/wire"
)

// Host is the address that the dashboard reaches the impersonator under.
const Host = "127.0.0.1"

// Options say whom an impersonator trusts, and where it sends requests.
type Options struct {
	Authority *pki.Authority // issues its certificate
	Recorder  *timeline.Recorder
	Upstream  string         // URL of the tap, or of an API server
	Roots     *x509.CertPool // vouch for the upstream's certificate
	// Issuer is the one whose tokens it accepts, and what it reads out of them:
	// the same as the API server is told, or the two know different users.
	Issuer cluster.Issuer
	// Credential is its own bearer token. It needs the right to impersonate
	// users and groups, and no other (fixtures/rbac).
	Credential string
	// Alter, when it is not nil, changes each admitted request after the
	// impersonator is done with it. bearer is the user's token as it came in the
	// Authorization header.
	Alter func(request *http.Request, bearer string)
	// Admits, when it is not nil, says which of the tokens that it would refuse it
	// takes all the same, for what they say of themselves.
	Admits func(bearer string) bool
}

// Impersonator is a running impersonator.
//
// Of a user it passes on the name and the groups alone. The issuer's
// configuration maps no claim to a UID, so there is none. The one extra that the
// authenticator finds by itself, the token's id (authentication.kubernetes.io/
// credential-id), stays here: it names the credential and not the user, and
// sending it would take a right to impersonate any extra.
type Impersonator struct {
	proxy     *wire.Proxy
	transport *http.Transport

	issuer       string
	credential   string
	alter        func(request *http.Request, bearer string)
	tokens       oidc.AuthenticatorTokenWithHealthCheck
	requests     authenticator.Request
	issuerClient *http.Client
	forget       context.CancelFunc // ends the authenticator
}

// Start starts an impersonator. It refuses every token until it knows its
// issuer: see Ready.
func Start(options Options) (*Impersonator, error) {
	target, err := url.Parse(options.Upstream)
	if err != nil {
		return nil, fmt.Errorf("start the impersonator: the upstream's address: %w", err)
	}
	if options.Credential == "" {
		return nil, errors.New("start the impersonator: it has no credential of its own; give it a token of its service account")
	}
	pair, err := options.Authority.Server(Host, "localhost")
	if err != nil {
		return nil, err
	}
	certificate, err := pair.TLS()
	if err != nil {
		return nil, fmt.Errorf("use the impersonator's certificate: %w", err)
	}
	issuerRoots, err := rootsOf(options.Issuer)
	if err != nil {
		return nil, fmt.Errorf("start the impersonator: %w", err)
	}
	impersonator := &Impersonator{
		issuer:     options.Issuer.URL,
		credential: options.Credential,
		alter:      options.Alter,
		// HTTP/1.1, for HTTP/2 has no upgrades, and SPDY is one.
		transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: options.Roots, MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost: 32,
		},
		issuerClient: &http.Client{
			Timeout:   issuerTimeout,
			Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: issuerRoots, MinVersion: tls.VersionTLS12}},
		},
	}
	lifecycle, forget := context.WithCancel(context.Background())
	impersonator.forget = forget
	impersonator.tokens, err = newAuthenticator(lifecycle, options.Issuer, impersonator.issuerClient)
	if err != nil {
		forget()
		return nil, fmt.Errorf("start the impersonator: %w", err)
	}
	impersonator.requests = requests(careless{impersonator.tokens, options.Issuer, options.Admits})
	impersonator.proxy, err = wire.Serve(wire.Options{
		Witness:     timeline.Impersonator,
		Recorder:    options.Recorder,
		Certificate: certificate,
		Upstream:    func(*http.Request) (*url.URL, error) { return target, nil },
		Transport:   impersonator.transport,
		Incoming:    impersonator.admit,
		Outgoing:    impersonator.actFor,
	})
	if err != nil {
		forget()
		return nil, err
	}
	return impersonator, nil
}

// Port is the loopback port that the dashboard reaches the API server under.
func (i *Impersonator) Port() int { return i.proxy.Port() }

// Close stops the impersonator and cuts what is still open.
func (i *Impersonator) Close() error {
	err := i.proxy.Close()
	i.forget()
	i.transport.CloseIdleConnections()
	i.issuerClient.CloseIdleConnections()
	return err
}

// actFor makes an admitted request one of the impersonator's own, for its user.
// It runs after the headers that Connection names have been removed: a client
// has no way to have Impersonate-User removed, and so to act as the impersonator.
func (i *Impersonator) actFor(request *httputil.ProxyRequest, record *timeline.Request) {
	strip(request.Out.Header)
	request.Out.Trailer = nil
	who, admitted := apirequest.UserFrom(request.In.Context())
	if !admitted {
		// Without a user the own credential would speak for the impersonator.
		return
	}
	actAs(request.Out.Header, who)
	request.Out.Header.Set(authorization, "Bearer "+i.credential)
	record.Impersonation = &timeline.Impersonation{User: who.GetName(), Groups: who.GetGroups()}
	if i.alter != nil {
		_, bearer, _ := strings.Cut(request.In.Header.Get(authorization), " ")
		i.alter(request.Out, bearer)
	}
}
