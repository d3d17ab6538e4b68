package keycloak_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// granted is the token endpoint's answer (RFC 6749, 5.1 and 5.2).
type granted struct {
	IDToken      string `json:"id_token"`
	RefreshToken string `json:"refresh_token"`
	Error        string `json:"error"`
}

// identity is what an ID token says.
type identity struct {
	Username string   `json:"preferred_username"`
	Groups   []string `json:"groups"`
	lifetime time.Duration
}

func trusting(authority *pki.Authority) *http.Client {
	return &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool(), MinVersion: tls.VersionTLS12}},
	}
}

// lease leases a realm over a connection of its own, until the test ends.
func lease(t *testing.T, endpoint keycloak.Endpoint) *keycloak.Realm {
	t.Helper()
	admin, err := keycloak.Connect(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	leased, err := admin.Lease(t.Context(), keycloak.LeaseOptions{Lifetime: lifetime, RedirectURIs: []string{redirectURI}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test itself may have ended the lease.
		_ = leased.Release(context.Background())
	})
	return leased
}

// now is Keycloak's clock, which events are told by.
func now(t *testing.T, endpoint keycloak.Endpoint) time.Time {
	t.Helper()
	admin, err := keycloak.Connect(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	now, err := admin.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if behind := time.Since(now); behind.Abs() > 2*time.Second {
		t.Errorf("Keycloak's clock is %s behind that of its own machine", behind)
	}
	return now
}

// grant asks the token endpoint as the stand's own client, which alone may do
// without a browser.
func (r *running) grant(t *testing.T, leased *keycloak.Realm, form url.Values) granted {
	t.Helper()
	content, err := os.ReadFile(r.server.Endpoint().SecretsFile)
	if err != nil {
		t.Fatal(err)
	}
	var secrets struct {
		Clients map[string]string `json:"clients"`
	}
	if err := json.Unmarshal(content, &secrets); err != nil {
		t.Fatal(err)
	}
	form.Set("client_id", realm.Probe)
	form.Set("client_secret", secrets.Clients[realm.Probe])
	response, err := r.client.PostForm(leased.Issuer+"/protocol/openid-connect/token", form)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer granted
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if (response.StatusCode == http.StatusOK) != (answer.Error == "") {
		t.Fatalf("%s: %q", response.Status, answer.Error)
	}
	return answer
}

// verify checks a token as the API server does, and reads it.
func (r *running) verify(t *testing.T, leased *keycloak.Realm, token string) identity {
	t.Helper()
	ctx := oidc.ClientContext(t.Context(), r.client)
	provider, err := oidc.NewProvider(ctx, leased.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	verified, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: keycloak.ClientID}).Verify(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	read := identity{lifetime: verified.Expiry.Sub(verified.IssuedAt)}
	if err := verified.Claims(&read); err != nil {
		t.Fatal(err)
	}
	return read
}

func portOf(t *testing.T, address *url.URL) int {
	t.Helper()
	port, err := strconv.Atoi(address.Port())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
