package impersonator_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/impersonator"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	// ownCredential is the impersonator's.
	ownCredential = "own-credential-of-the-impersonator"
	// patience is how long a test waits for what has to come.
	patience = 10 * time.Second
)

// hop is an impersonator between a client and an upstream, both of the test.
type hop struct {
	issuer       *issuer
	upstream     *upstream
	recorder     *timeline.Recorder
	impersonator *impersonator.Impersonator
	client       *http.Client
	trust        *tls.Config
}

// upstream remembers what reached it.
type upstream struct {
	url string

	mu      sync.Mutex
	arrived []arrival
}

type arrival struct {
	header  http.Header
	dump    string // the whole request
	trailer http.Header
}

func (u *upstream) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	dump, err := httputil.DumpRequest(request, true)
	if err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	u.mu.Lock()
	u.arrived = append(u.arrived, arrival{header: request.Header.Clone(), dump: string(dump), trailer: request.Trailer})
	u.mu.Unlock()
	switch {
	case request.Header.Get("Upgrade") != "":
		echo(writer, request)
	case request.URL.Query().Has("watch"):
		watch(writer, request)
	default:
		_, _ = io.WriteString(writer, "served")
	}
}

// watch sends one event, and then nothing until the client goes.
func watch(writer http.ResponseWriter, request *http.Request) {
	_, _ = io.WriteString(writer, "first event\n")
	_ = http.NewResponseController(writer).Flush()
	<-request.Context().Done()
}

// echo agrees to any upgrade, and sends back what comes.
func echo(writer http.ResponseWriter, request *http.Request) {
	connection, buffered, err := http.NewResponseController(writer).Hijack()
	if err != nil {
		http.Error(writer, err.Error(), http.StatusInternalServerError)
		return
	}
	defer connection.Close()
	protocol, _, _ := strings.Cut(request.Header.Get("Sec-Websocket-Protocol"), ",")
	_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "+request.Header.Get("Upgrade")+
		"\r\nSec-WebSocket-Protocol: "+protocol+"\r\n\r\n")
	_, _ = io.Copy(connection, buffered)
}

func newHop(t *testing.T, change ...func(*impersonator.Options)) *hop {
	t.Helper()
	h := startHop(t, change...)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := h.impersonator.Ready(ctx, h.issuer.token(t, nil)); err != nil {
		t.Fatal(err)
	}
	return h
}

func startHop(t *testing.T, change ...func(*impersonator.Options)) *hop {
	t.Helper()
	authority, err := pki.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	h := &hop{issuer: newIssuer(t, authority), upstream: &upstream{}, recorder: timeline.NewRecorder(timeline.Header{})}
	h.upstream.url = serveTLS(t, authority, h.upstream).URL
	options := impersonator.Options{
		Authority: authority, Recorder: h.recorder,
		Upstream: h.upstream.url, Roots: authority.Pool(),
		Issuer: h.issuer.trusted(), Credential: ownCredential,
	}
	for _, apply := range change {
		apply(&options)
	}
	if h.impersonator, err = impersonator.Start(options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.impersonator.Close(); err != nil {
			t.Error(err)
		}
	})
	h.trust = &tls.Config{RootCAs: authority.Pool(), ServerName: impersonator.Host}
	transport := &http.Transport{TLSClientConfig: h.trust.Clone(), ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	h.client = &http.Client{Transport: transport, Timeout: patience}
	return h
}

func (h *hop) address() string {
	return net.JoinHostPort(impersonator.Host, strconv.Itoa(h.impersonator.Port()))
}

// ask sends a request as Go's own client does, over HTTP/2, and takes the whole
// answer: the connection is idle afterwards.
func (h *hop) ask(t *testing.T, path, token string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+h.address()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := h.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response
}

// conversation is an HTTP/1.1 connection on which a test writes what it likes.
type conversation struct {
	net.Conn
	reader *bufio.Reader
}

// say sends a request with these lines, and reads the head of its answer.
func (h *hop) say(t *testing.T, requestLine string, lines ...string) (*http.Response, *conversation) {
	t.Helper()
	connection, err := tls.Dial("tcp", h.address(), h.trust)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(append([]string{requestLine, "Host: " + h.address()}, lines...), "\r\n") + "\r\n\r\n"
	if _, err := io.WriteString(connection, text); err != nil {
		t.Fatal(err)
	}
	talk := &conversation{Conn: connection, reader: bufio.NewReader(connection)}
	response, err := http.ReadResponse(talk.reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response, talk
}

// only returns the one request that reached the upstream.
func (h *hop) only(t *testing.T) arrival {
	t.Helper()
	h.upstream.mu.Lock()
	defer h.upstream.mu.Unlock()
	if len(h.upstream.arrived) != 1 {
		t.Fatalf("%d requests reached the upstream, not 1", len(h.upstream.arrived))
	}
	return h.upstream.arrived[0]
}

// since returns the first request that reached the upstream after so many.
func (h *hop) since(reached int) arrival {
	h.upstream.mu.Lock()
	defer h.upstream.mu.Unlock()
	return h.upstream.arrived[reached]
}

func (h *hop) reached() int {
	h.upstream.mu.Lock()
	defer h.upstream.mu.Unlock()
	return len(h.upstream.arrived)
}

// recorded waits for the first record of a kind.
func (h *hop) recorded(t *testing.T, kind timeline.Kind) timeline.Request {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var found timeline.Event
	err := h.recorder.Await(ctx, func(line timeline.Timeline) (seen bool) {
		found, seen = line.First(timeline.Impersonator, kind)
		return seen
	})
	if err != nil {
		t.Fatalf("no %s event was recorded: %v", kind, err)
	}
	return *found.Request
}

// actsAs checks that a request reached the upstream as the impersonator's own,
// for this user and no other, and with nothing of the user's token in it.
func (a arrival) actsAs(t *testing.T, token, user string, groups ...string) {
	t.Helper()
	for name, want := range map[string][]string{
		"Authorization":     {"Bearer " + ownCredential},
		"Impersonate-User":  {user},
		"Impersonate-Group": groups,
	} {
		if got := a.header.Values(name); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	for name := range a.header {
		lower := strings.ToLower(name)
		if strings.HasPrefix(lower, "impersonate-") && lower != "impersonate-user" && lower != "impersonate-group" {
			t.Errorf("%s reached the upstream", name)
		}
	}
	for part := range strings.SplitSeq(token, ".") {
		if strings.Contains(a.dump, part) {
			t.Errorf("a part of the user's token reached the upstream:\n%s", a.dump)
		}
	}
}
