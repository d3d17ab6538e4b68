package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

// authorizationPath ends an issuer's URL in its authorization endpoint's, as
// Keycloak has it.
const authorizationPath = "/protocol/openid-connect/auth"

// Learn asks a deployed dashboard where it sends who signs in, which says the
// issuer, the client, the redirect URI and the scopes that it was given. roots vouch
// for the dashboard; nil is the machine's own.
func Learn(ctx context.Context, dashboard, cluster string, roots *x509.CertPool) (Target, error) {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, Proxy: http.ProxyFromEnvironment}
	defer transport.CloseIdleConnections()
	seen := &Clocks{}
	client := &http.Client{
		Timeout: answerTimeout, Transport: seen.watch("the dashboard", transport),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	address := strings.TrimSuffix(dashboard, "/") + "/oidc?cluster=" + url.QueryEscape(cluster)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Target{}, fmt.Errorf("ask the dashboard where it sends who signs in: %q is no address", dashboard)
	}
	response, err := client.Do(request)
	if err != nil {
		return Target{}, fmt.Errorf("ask the dashboard where it sends who signs in: %w", err)
	}
	defer response.Body.Close()
	to, err := response.Location()
	if err != nil {
		return Target{}, fmt.Errorf("ask the dashboard where it sends who signs in: %s answered %d and no redirect; look at its log, and at its OIDC flags", address, response.StatusCode)
	}
	issuer, known := strings.CutSuffix(to.Scheme+"://"+to.Host+to.Path, authorizationPath)
	if !known {
		return Target{}, fmt.Errorf("ask the dashboard where it sends who signs in: %s://%s%s is no Keycloak's; give --issuer", to.Scheme, to.Host, to.Path)
	}
	asked := to.Query()
	return Target{
		Clocks: seen,
		Issuer: issuer, ClientID: asked.Get("client_id"), RedirectURI: asked.Get("redirect_uri"),
		Scopes: slices.DeleteFunc(strings.Fields(asked.Get("scope")), func(scope string) bool { return scope == oidc.ScopeOpenID }),
	}, nil
}
