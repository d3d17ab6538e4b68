package cluster_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
	authenticationv1 "k8s.io/api/authentication/v1"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
)

const (
	keyID    = "key"
	audience = "headlamp"
	// acceptTimeout is how long an API server may take to trust an issuer: it
	// tries one that did not answer again after ten seconds.
	acceptTimeout = 30 * time.Second
)

// issuer issues tokens and publishes its key.
type issuer struct {
	declared cluster.Issuer
	key      *rsa.PrivateKey
}

func newIssuer(t *testing.T, authority *pki.Authority) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := authority.Server("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	caFile := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(caFile, authority.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	provider := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: keyID, Algorithm: oidc.RS256}}}
	server := httptest.NewUnstartedServer(provider)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	provider.SetIssuer(server.URL)
	return &issuer{key: key, declared: cluster.Issuer{
		URL: server.URL, Audience: audience, CAFile: caFile, UsernameClaim: "preferred_username", GroupsClaim: "groups",
	}}
}

func (i *issuer) token(t *testing.T, user string, groups ...string) string {
	t.Helper()
	claims, err := json.Marshal(map[string]any{
		"iss": i.declared.URL, "aud": audience, "sub": user, "preferred_username": user, "groups": groups,
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return oidctest.SignIDToken(i.key, keyID, oidc.RS256, string(claims))
}

// awaitAccepted waits until the API server accepts a token, and returns whom it
// takes its bearer for.
func awaitAccepted(t *testing.T, connected *cluster.Cluster, token string) authenticationv1.UserInfo {
	t.Helper()
	deadline := time.Now().Add(acceptTimeout)
	for {
		user, err := connected.WhoAmI(t.Context(), token)
		if err == nil {
			return user
		}
		if time.Now().After(deadline) {
			t.Fatalf("not accepted within %s: %v", acceptTimeout, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
