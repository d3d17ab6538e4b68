package impersonator_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
)

// audience is the one that the impersonator accepts.
const audience = "headlamp"

// issuer is an issuer of tokens as far as an authenticator asks it: discovery
// and keys.
type issuer struct {
	server *httptest.Server
	caFile string

	mu   sync.Mutex
	key  *ecdsa.PrivateKey
	kid  string
	made int
}

func newIssuer(t *testing.T, authority *pki.Authority) *issuer {
	t.Helper()
	i := &issuer{caFile: filepath.Join(t.TempDir(), "ca.crt")}
	if err := os.WriteFile(i.caFile, authority.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	i.rotate(t)
	i.server = serveTLS(t, authority, http.HandlerFunc(i.answer))
	return i
}

func (i *issuer) answer(writer http.ResponseWriter, request *http.Request) {
	writer.Header().Set("Content-Type", "application/json")
	switch request.URL.Path {
	case "/.well-known/openid-configuration":
		_ = json.NewEncoder(writer).Encode(map[string]any{"issuer": i.server.URL, "jwks_uri": i.server.URL + "/keys"})
	case "/keys":
		i.mu.Lock()
		defer i.mu.Unlock()
		_ = json.NewEncoder(writer).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
			{Key: i.key.Public(), KeyID: i.kid, Algorithm: string(jose.ES256), Use: "sig"},
		}})
	default:
		http.NotFound(writer, request)
	}
}

// rotate puts a new key in the place of the old one.
func (i *issuer) rotate(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.made++
	i.key, i.kid = key, "key-"+strconv.Itoa(i.made)
}

func (i *issuer) trusted() cluster.Issuer {
	return cluster.Issuer{
		URL: i.server.URL, Audience: audience, CAFile: i.caFile,
		UsernameClaim: "preferred_username", GroupsClaim: "groups",
	}
}

// claims are those of a good token of alice, changed as asked; nil takes one away.
func (i *issuer) claims(changed map[string]any) map[string]any {
	claims := map[string]any{
		"iss": i.server.URL, "aud": audience, "sub": "alice-id", "jti": "token-id", "typ": "ID",
		"iat": time.Now().Unix(), "exp": time.Now().Add(10 * time.Minute).Unix(),
		"preferred_username": "alice", "groups": []string{"developers", "testers"},
	}
	maps.Copy(claims, changed)
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// token signs a token of alice, with claims changed as asked.
func (i *issuer) token(t *testing.T, changed map[string]any) string {
	t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	return signed(t, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: i.kid}}, i.claims(changed))
}

func signed(t *testing.T, key jose.SigningKey, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// unsigned makes a token that says of itself that nobody has signed it.
func (i *issuer) unsigned(t *testing.T) string {
	t.Helper()
	payload, err := json.Marshal(i.claims(nil))
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + "."
}

func serveTLS(t *testing.T, authority *pki.Authority, handler http.Handler) *httptest.Server {
	t.Helper()
	pair, err := authority.Server("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}
