package tap_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/tap"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// rig is a tap before an API server that notes what reaches it.
type rig struct {
	tap      *tap.Tap
	recorder *timeline.Recorder
	client   *http.Client

	mu      sync.Mutex
	arrived []*http.Request
}

// newRig starts a tap. Its API server's certificate is the run's authority's,
// or a stranger's.
func newRig(t *testing.T, trusted bool) *rig {
	t.Helper()
	authority, stranger := newAuthority(t), newAuthority(t)
	signer := authority
	if !trusted {
		signer = stranger
	}
	r := &rig{recorder: timeline.NewRecorder(timeline.Header{})}
	apiServer := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.arrived = append(r.arrived, request)
		_, _ = io.WriteString(w, "answer")
	}))
	apiServer.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, signer)}}
	apiServer.EnableHTTP2 = true
	apiServer.Config.ErrorLog = log.New(io.Discard, "", 0)
	apiServer.StartTLS()
	t.Cleanup(apiServer.Close)
	var err error
	r.tap, err = tap.Start(authority, r.recorder, apiServer.URL, authority.Pool(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.tap.Close(); err != nil {
			t.Error(err)
		}
	})
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool()}, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	r.client = &http.Client{Transport: transport}
	return r
}

func newAuthority(t *testing.T) *pki.Authority {
	t.Helper()
	authority, err := pki.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

func certificate(t *testing.T, authority *pki.Authority) tls.Certificate {
	t.Helper()
	pair, err := authority.Server(tap.Host)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func (r *rig) get(t *testing.T, header http.Header) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("https://%s:%d/api/v1/pods?limit=1", tap.Host, r.tap.Port()), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode
}

func (r *rig) recorded(t *testing.T, n int) []timeline.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := r.recorder.Await(ctx, func(line timeline.Timeline) bool { return len(line.Events) == n }); err != nil {
		t.Fatalf("%v: %+v", err, r.recorder.Timeline().Events)
	}
	return r.recorder.Timeline().Events
}

func TestEveryRequestGetsAnAuditIDOfTheTapsOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t, true)
	for _, header := range []http.Header{{}, {"Audit-Id": {"of the dashboard"}}, {"audit-id": {"one", "two"}}} {
		if status := r.get(t, header); status != http.StatusOK {
			t.Errorf("answered %d", status)
		}
	}
	seen := map[string]bool{}
	for i, event := range r.recorded(t, 3) {
		id := event.Request.AuditID
		if event.Witness != timeline.Tap || event.Kind != timeline.Responded || len(id) != 36 || seen[id] {
			t.Errorf("recorded %+v", event.Request)
		}
		seen[id] = true
		if sent := r.arrived[i].Header.Values("Audit-Id"); len(sent) != 1 || sent[0] != id {
			t.Errorf("the API server got the ids %q, recorded was %q", sent, id)
		}
	}
}

func TestARequestPassesAsItIs(t *testing.T) {
	t.Parallel()
	r := newRig(t, true)
	r.get(t, http.Header{
		"Authorization": {"Bearer opaque"}, "Impersonate-User": {"dev"}, "Impersonate-Group": {"a", "b"}, "Cookie": {"c=1"}, "User-Agent": {"agent"},
	})
	arrived := r.arrived[0]
	if arrived.URL.RequestURI() != "/api/v1/pods?limit=1" || arrived.Header.Get("Authorization") != "Bearer opaque" ||
		len(arrived.Header.Values("Impersonate-Group")) != 2 || arrived.Header.Get("Cookie") != "c=1" || arrived.UserAgent() != "agent" {
		t.Errorf("arrived %s %v", arrived.URL, arrived.Header)
	}
	if added := arrived.Header.Get("Accept-Encoding"); added != "" {
		t.Errorf("the tap asks for %q of its own", added)
	}
	// Over HTTP/2 the API server ends the connection of an anonymous request.
	if arrived.ProtoMajor != 1 {
		t.Errorf("arrived over %s", arrived.Proto)
	}
	record := r.recorded(t, 1)[0].Request
	if record.Bearer == nil || record.Bearer.Hash != redact.Hash("opaque") || record.Impersonation == nil || record.Impersonation.User != "dev" {
		t.Errorf("recorded %+v", record)
	}
}

func TestTheTapAddsNoCredential(t *testing.T) {
	t.Parallel()
	r := newRig(t, true)
	r.get(t, http.Header{})
	if arrived := r.arrived[0]; arrived.Header.Get("Authorization") != "" || len(arrived.TLS.PeerCertificates) != 0 {
		t.Errorf("arrived %v with %d certificates", arrived.Header, len(arrived.TLS.PeerCertificates))
	}
	if record := r.recorded(t, 1)[0].Request; record.Bearer != nil || record.Impersonation != nil {
		t.Errorf("recorded %+v", record)
	}
}

func TestAnAPIServerThatIsNotTrustedIsNotAsked(t *testing.T) {
	t.Parallel()
	r := newRig(t, false)
	if status := r.get(t, http.Header{}); status != http.StatusBadGateway || len(r.arrived) != 0 {
		t.Errorf("answered %d, %d arrived", status, len(r.arrived))
	}
	if event := r.recorded(t, 1)[0]; event.Kind != timeline.Failed || event.Request.AuditID == "" {
		t.Errorf("recorded %+v", event)
	}
}

func TestStartRefusesWhatIsNoAddress(t *testing.T) {
	t.Parallel()
	if started, err := tap.Start(newAuthority(t), nil, "https://%zz", nil, 0); err == nil {
		_ = started.Close()
		t.Error("it started")
	}
}

func TestATapThatRefusesTheAnonymousLetsTheOthersPass(t *testing.T) {
	t.Parallel()
	r := newRig(t, true)
	if status := r.get(t, nil); status != http.StatusOK {
		t.Errorf("at first nobody is refused: %d", status)
	}
	r.tap.RefuseAnonymous()
	for _, asked := range []struct {
		header http.Header
		want   int
	}{{nil, http.StatusUnauthorized}, {http.Header{"Authorization": {"Bearer token"}}, http.StatusOK}} {
		if status := r.get(t, asked.header); status != asked.want {
			t.Errorf("with %v it answers %d", asked.header, status)
		}
	}
	events := r.recorded(t, 3)
	if refused := events[1].Request; refused.Status != http.StatusUnauthorized || refused.AuditID != "" || refused.Error == "" {
		t.Errorf("a refusal is recorded as %+v", refused)
	}
	if len(r.arrived) != 2 {
		t.Errorf("%d requests arrived", len(r.arrived))
	}
}
