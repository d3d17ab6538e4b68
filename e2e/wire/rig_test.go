package wire_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/wire"
)

// patience is how long a test waits for what has to come.
const patience = 10 * time.Second

// rig is a proxy between a client and an upstream, all under one authority.
type rig struct {
	proxy    *wire.Proxy
	recorder *timeline.Recorder
	client   *http.Client
	http2    *http.Client
	tls      *tls.Config
	address  string // host and port of the proxy
}

func newRig(t *testing.T, upstream http.HandlerFunc, alter ...func(*wire.Options)) *rig {
	t.Helper()
	authority, err := pki.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(upstream)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, authority)}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool()}}
	t.Cleanup(transport.CloseIdleConnections)
	recorder := timeline.NewRecorder(timeline.Header{})
	options := wire.Options{
		Witness: timeline.Tap, Recorder: recorder, Certificate: certificate(t, authority), Transport: transport,
		Upstream: func(*http.Request) (*url.URL, error) { return target, nil },
	}
	for _, alter := range alter {
		alter(&options)
	}
	proxy, err := wire.Serve(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Errorf("close the proxy: %v", err)
		}
	})
	r := &rig{
		proxy: proxy, recorder: recorder, tls: &tls.Config{RootCAs: authority.Pool(), ServerName: "localhost"},
		address: fmt.Sprintf("localhost:%d", proxy.Port()),
	}
	// Clones, for a transport adds the protocols that it speaks.
	one := &http.Transport{TLSClientConfig: r.tls.Clone()}
	two := &http.Transport{TLSClientConfig: r.tls.Clone(), ForceAttemptHTTP2: true}
	t.Cleanup(one.CloseIdleConnections)
	t.Cleanup(two.CloseIdleConnections)
	r.client = &http.Client{Transport: one, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r.http2 = &http.Client{Transport: two}
	return r
}

func certificate(t *testing.T, authority *pki.Authority) tls.Certificate {
	t.Helper()
	pair, err := authority.Server("localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func (r *rig) request(t *testing.T, ctx context.Context, method, path string, body io.Reader) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, "https://"+r.address+path, body)
	if err != nil {
		t.Fatal(err)
	}
	return request
}

// get sends a request and reads its answer to the end.
func (r *rig) get(t *testing.T, path string) (int, string) {
	t.Helper()
	response, err := r.client.Do(r.request(t, t.Context(), http.MethodGet, path, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// recorded waits for an event of a kind, and returns its request.
func (r *rig) recorded(t *testing.T, kind timeline.Kind) timeline.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var event timeline.Event
	if err := r.recorder.Await(ctx, func(line timeline.Timeline) (found bool) {
		event, found = line.First(timeline.Tap, kind)
		return found
	}); err != nil {
		t.Fatalf("no event %q: %v; there are %+v", kind, err, r.recorder.Timeline().Events)
	}
	return *event.Request
}

func (r *rig) kinds() []timeline.Kind {
	var kinds []timeline.Kind
	for _, event := range r.recorder.Timeline().Events {
		kinds = append(kinds, event.Kind)
	}
	return kinds
}

func token(payload string) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"RS256"}`) + "." + part(payload) + "." + part("signature-of-the-test")
}
