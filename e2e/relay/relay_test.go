package relay_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/relay"
)

const (
	token     = "/realms/r/protocol/openid-connect/token"
	discovery = "/realms/r/.well-known/openid-configuration"
	keys      = "/realms/r/protocol/openid-connect/certs"
)

// rig is a relay before a provider that answers with the host it was asked as.
type rig struct {
	relay        *relay.Relay
	client       *http.Client
	missed, late atomic.Int64
	discovered   atomic.Int64
	asked        atomic.Int64 // at the provider
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{}
	provider := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.asked.Add(1)
		_, _ = io.WriteString(w, request.Host)
	}))
	t.Cleanup(provider.Close)
	roots := x509.NewCertPool()
	roots.AddCert(provider.Certificate())
	authority, err := pki.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	r.relay, err = relay.Start(relay.Options{
		Authority: authority, Address: "127.0.3.7", Upstream: provider.URL, Roots: roots,
		Missed: func() { r.missed.Add(1) }, Late: func() { r.late.Add(1) }, Discovered: func() { r.discovered.Add(1) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.relay.Close(); err != nil {
			t.Error(err)
		}
	})
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool()}}
	t.Cleanup(transport.CloseIdleConnections)
	r.client = &http.Client{Transport: transport}
	return r
}

// post asks for a path as a user agent, and returns what was answered.
func (r *rig) post(t *testing.T, path, agent string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.relay.URL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("User-Agent", agent)
	response, err := r.client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestKeycloakIsAskedUnderTheRelaysAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if got, err := r.post(t, token, "Go-http-client/1.1"); err != nil || "https://"+got != r.relay.URL() {
		t.Errorf("got %q, %v", got, err)
	}
	if r.missed.Load() != 0 || r.late.Load() != 0 {
		t.Error("an ordinary answer was told of")
	}
}

func TestWhoAsksWhoKeycloakIsIsToldOf(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, asked := range []struct {
		path, agent string
		discovered  int64 // in total
	}{
		{token, "Go-http-client/1.1", 0},
		{discovery, "Mozilla/5.0 (X11; Linux x86_64)", 0},
		{discovery, "Go-http-client/1.1", 1},
	} {
		if _, err := r.post(t, asked.path, asked.agent); err != nil || r.discovered.Load() != asked.discovered {
			t.Errorf("after %s of %s: %d times, %v", asked.path, asked.agent, r.discovered.Load(), err)
		}
	}
}

func TestAKeycloakThatIsLostAnswersNobodyAndComesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, err := r.post(t, keys, "Go-http-client/1.1"); err != nil {
		t.Fatal(err) // a connection that is kept
	}
	r.relay.Lose()
	for _, asked := range []struct {
		path, agent string
		missed      int64 // in total
	}{
		{token, "Go-http-client/1.1", 1},
		{token, "Mozilla/5.0 (X11; Linux x86_64)", 1},
		{keys, "Go-http-client/1.1", 1},
		{discovery, "Go-http-client/1.1", 2},
	} {
		if got, err := r.post(t, asked.path, asked.agent); err == nil {
			t.Errorf("%s of %s was answered %q", asked.path, asked.agent, got)
		}
		if got := r.missed.Load(); got != asked.missed {
			t.Errorf("after %s of %s %d requests were missed, want %d", asked.path, asked.agent, got, asked.missed)
		}
	}
	if got := r.asked.Load(); got != 1 {
		t.Errorf("Keycloak was asked %d times", got)
	}
	r.relay.Restore()
	if _, err := r.post(t, token, "Go-http-client/1.1"); err != nil {
		t.Error(err)
	}
}

func TestOnlyTheTokenEndpointIsSlow(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const delay = 300 * time.Millisecond
	r.relay.Slow(delay)
	for path, slow := range map[string]bool{token: true, discovery: false, keys: false} {
		begun := time.Now()
		if _, err := r.post(t, path, "Go-http-client/1.1"); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); (took >= delay) != slow {
			t.Errorf("%s took %s", path, took)
		}
	}
	if got := r.late.Load(); got != 1 {
		t.Errorf("%d answers were late", got)
	}
}
