package identityproxy

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
)

const (
	// Callback is where Keycloak sends the browser back to, below the address that
	// the browser knows.
	Callback = "/oauth2/callback"

	stopGrace    = 3 * time.Second
	readyTimeout = 60 * time.Second
	// logLimit is the longest that its log may get, in bytes.
	logLimit = 8 << 20
)

// The headers that tell the dashboard who the user is: Headlamp's defaults
// (documentation, "Accessing using Identity-Aware Proxies").
const (
	TokenHeader = "X-Forwarded-Id-Token"
	UserHeader  = "X-Forwarded-User"
	GroupHeader = "X-Forwarded-Group"
	EmailHeader = "X-Forwarded-Email"
)

// Options say before what the proxy stands, and where it logs users in.
type Options struct {
	Executable string         // oauth2-proxy
	Authority  *pki.Authority // issues its certificate
	IssuerCA   string         // file with the authority of Keycloak's certificate
	Dir        string         // its own; made if missing
	LogDir     string
	Front      string   // by what address the browser knows it, without a slash at its end
	Dashboard  *url.URL // where it sends whom it knows

	Issuer       string
	ClientID     string
	ClientSecret string
	Scopes       []string // besides openid
	// RenewAfter is the age at which it has Keycloak renew a user's tokens.
	RenewAfter time.Duration
}

// Proxy is a running identity-aware proxy.
type Proxy struct {
	URL *url.URL // on loopback, with TLS

	lease   *ports.Lease
	process *process.Process
}

// Start starts a proxy, and waits until it answers.
func Start(ctx context.Context, options Options) (*Proxy, error) {
	lease, err := ports.Take()
	if err != nil {
		return nil, fmt.Errorf("find a port for the identity-aware proxy: %w", err)
	}
	proxy := &Proxy{URL: &url.URL{Scheme: "https", Host: lease.Address()}, lease: lease}
	if err := proxy.start(ctx, options); err != nil {
		return nil, errors.Join(err, lease.Release())
	}
	return proxy, nil
}

// Stop ends the proxy.
func (p *Proxy) Stop() error { return errors.Join(p.process.Stop(stopGrace), p.lease.Release()) }

// LogFile is where its output goes.
func (p *Proxy) LogFile() string { return p.process.LogFile() }

func (p *Proxy) start(ctx context.Context, options Options) error {
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return fmt.Errorf("make the identity-aware proxy's directory: %w", err)
	}
	configuration, err := p.configure(options)
	if err != nil {
		return err
	}
	log, err := process.LogPath(options.LogDir, "identity-proxy")
	if err != nil {
		return err
	}
	p.process, err = process.Start(process.Command{
		Name: "the identity-aware proxy", Path: options.Executable,
		Args: []string{
			"--alpha-config=" + configuration,
			"--redirect-url=" + options.Front + Callback,
			"--email-domain=*",
			"--skip-provider-button",
			// What a page asks for itself is refused, and not sent to a login.
			"--api-route=^/clusters/", "--api-route=^/config",
			"--cookie-refresh=" + options.RenewAfter.String(),
			"--cookie-samesite=lax",
			// Its addresses have codes in them.
			"--request-logging=false",
		},
		// In the environment, not among the arguments: those are shown to every
		// user of the machine.
		Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + options.Dir, "OAUTH2_PROXY_COOKIE_SECRET=" + rand.Text()[:16]},
		Dir: options.Dir, Log: log, LogLimit: logLimit,
	})
	if err != nil {
		return err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: options.Authority.Pool(), MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	bounded, cancel := context.WithTimeoutCause(ctx, readyTimeout, fmt.Errorf("not within %s", readyTimeout))
	defer cancel()
	if err := p.process.AwaitReady(bounded, func(ctx context.Context) error { return p.answers(ctx, transport) }); err != nil {
		return errors.Join(err, p.process.Kill())
	}
	return nil
}

// answers says whether the proxy answers at all.
func (p *Proxy) answers(ctx context.Context, transport http.RoundTripper) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL.JoinPath("ping").String(), nil)
	if err != nil {
		return err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", response.Status)
	}
	return nil
}

// configure writes the proxy's configuration ("Alpha Configuration" in the
// documentation of oauth2-proxy), and the secrets that it names, for its owner
// alone. It returns the configuration's path.
func (p *Proxy) configure(options Options) (string, error) {
	pair, err := options.Authority.Server("127.0.0.1")
	if err != nil {
		return "", err
	}
	certificate, key, err := pair.Save(options.Dir, "tls")
	if err != nil {
		return "", fmt.Errorf("keep the identity-aware proxy's certificate: %w", err)
	}
	secret := filepath.Join(options.Dir, "client-secret")
	scope := "openid"
	for _, further := range options.Scopes {
		scope += " " + further
	}
	type object = map[string]any
	header := func(name, claim string) object {
		// A value of the client's own is taken off, unless asked otherwise.
		return object{"name": name, "values": []object{{"claimSource": object{"claim": claim}}}}
	}
	// JSON is YAML.
	content, err := json.MarshalIndent(object{
		"server": object{
			"secureBindAddress": p.URL.Host,
			"tls":               object{"key": object{"fromFile": key}, "cert": object{"fromFile": certificate}},
		},
		"upstreamConfig": object{"upstreams": []object{{"id": "dashboard", "path": "/", "uri": options.Dashboard.String()}}},
		"injectRequestHeaders": []object{
			header(TokenHeader, "id_token"), header(UserHeader, "preferred_username"),
			header(GroupHeader, "groups"), header(EmailHeader, "email"),
		},
		"providers": []object{{
			"id": "keycloak", "provider": "oidc", "clientID": options.ClientID, "clientSecretFile": secret,
			"caFiles": []string{options.IssuerCA}, "scope": scope, "code_challenge_method": "S256",
			"oidcConfig": object{
				// Users have no addresses.
				"issuerURL": options.Issuer, "emailClaim": "preferred_username", "groupsClaim": "groups", "userIDClaim": "preferred_username",
				"audienceClaims": []string{"aud"},
			},
		}},
	}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("encode the identity-aware proxy's configuration: %w", err)
	}
	path := filepath.Join(options.Dir, "oauth2-proxy.yaml")
	if err := errors.Join(os.WriteFile(path, content, 0o600), os.WriteFile(secret, []byte(options.ClientSecret), 0o600)); err != nil {
		return "", fmt.Errorf("keep the identity-aware proxy's configuration: %w", err)
	}
	return path, nil
}
