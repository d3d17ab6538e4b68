package installation

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
)

// fakeDashboard answers as a cluster behind a dashboard would, and notes what it
// was asked.
type fakeDashboard struct {
	t *testing.T
	// refuse may answer a request in the cluster's place.
	refuse func(asked string) (status int)
	// told is what a watch tells before it is over.
	told []string
	// stream, when it is there, serves WebSockets in the watch's place.
	stream http.HandlerFunc

	mu      sync.Mutex
	asked   []string
	changed chan struct{}
}

// serve starts the dashboard and returns a client of it.
func (f *fakeDashboard) serve(t *testing.T) *rawclient.Client {
	t.Helper()
	f.t, f.changed = t, make(chan struct{})
	authority, err := pki.NewAuthority(t.Name())
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
	server := httptest.NewUnstartedServer(f)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)
	client, err := rawclient.New(rawclient.Options{Front: server.URL, Cluster: clusterName, Roots: authority.Pool()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func (f *fakeDashboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, below := strings.CutPrefix(r.URL.RequestURI(), clusterPath)
	if !below {
		f.t.Errorf("asked for %s", r.URL)
	}
	body, _ := io.ReadAll(r.Body)
	asked := r.Method + " " + path
	if websocket.IsWebSocketUpgrade(r) {
		asked = "WATCH " + path
	}
	if kind := r.Header.Get("Content-Type"); kind != "" {
		asked += " " + kind + " " + string(body)
	}
	f.mu.Lock()
	f.asked = append(f.asked, asked)
	close(f.changed)
	f.changed = make(chan struct{})
	f.mu.Unlock()
	if f.refuse != nil {
		if status := f.refuse(asked); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	switch {
	case strings.HasPrefix(asked, "WATCH ") && f.stream != nil:
		f.stream(w, r)
	case strings.HasPrefix(asked, "WATCH "):
		upgrader := websocket.Upgrader{}
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = socket.Close() }()
		for _, event := range f.told {
			_ = socket.WriteMessage(websocket.TextMessage, []byte(event))
		}
		if len(f.told) == 0 {
			// Open until the other side ends it.
			_, _, _ = socket.ReadMessage()
		}
	case strings.HasPrefix(asked, "POST "):
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"status":{"userInfo":{"username":"dev"}}}`)
	case path == namespacesPath:
		fmt.Fprint(w, `{"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"default"}},{"metadata":{"name":"kube-system"}}]}`)
	default:
		fmt.Fprint(w, "{}")
	}
}

// requests are those that were asked for so far.
func (f *fakeDashboard) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.asked)
}

// await waits until so many requests of a kind were asked.
func (f *fakeDashboard) await(number int, beginning string) []string {
	f.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		f.mu.Lock()
		asked, changed := slices.Clone(f.asked), f.changed
		f.mu.Unlock()
		found := 0
		for _, request := range asked {
			if strings.HasPrefix(request, beginning) {
				found++
			}
		}
		if found >= number {
			return asked
		}
		select {
		case <-changed:
		case <-limit:
			f.t.Fatalf("%q was asked for %d times, want %d: %q", beginning, found, number, asked)
		}
	}
}

func TestAPresenceListsWatchesAndAsksForHealthAgainAndAgain(t *testing.T) {
	t.Parallel()
	dashboard := &fakeDashboard{told: []string{`{"type":"ADDED","object":{}}`}}
	present := begin(dashboard.serve(t))
	defer present.end()
	if err := present.awaitLoaded(t.Context()); err != nil {
		t.Fatal(err)
	}
	// The watch ends, and so everything is asked for anew.
	asked := dashboard.await(2, "WATCH ")
	dashboard.await(2, "GET /healthz")
	want := []string{"GET /api/v1/namespaces", "WATCH /api/v1/namespaces?watch=1&resourceVersion=7", "GET /api/v1/namespaces", "WATCH /api/v1/namespaces?watch=1&resourceVersion=7"}
	if got := slices.DeleteFunc(asked, func(request string) bool { return request == "GET /healthz" }); !slices.Equal(got, want) {
		t.Errorf("asked for %q, want %q", got, want)
	}
}

func TestAPresenceGoesOnWhateverItIsAnswered(t *testing.T) {
	t.Parallel()
	refused := map[string]int{"GET /healthz": http.StatusUnauthorized, "GET /api/v1/namespaces": http.StatusBadGateway, "WATCH /api/v1/namespaces": http.StatusForbidden}
	var mu sync.Mutex
	dashboard := &fakeDashboard{refuse: func(asked string) int {
		mu.Lock()
		defer mu.Unlock()
		kind, _, _ := strings.Cut(asked, "?")
		status := refused[kind]
		delete(refused, kind)
		return status
	}}
	present := begin(dashboard.serve(t))
	defer present.end()
	if err := present.awaitLoaded(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked := dashboard.await(2, "WATCH ")
	lists := 0
	for _, request := range asked {
		if request == "GET /api/v1/namespaces" {
			lists++
		}
	}
	if lists != 3 {
		t.Errorf("the list was asked for %d times, want one refused, one before each watch: %q", lists, asked)
	}
	dashboard.await(2, "GET /healthz")
}

func TestAnEndedPresenceAsksForNothing(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	under := 0
	release := make(chan struct{})
	dashboard := &fakeDashboard{refuse: func(asked string) int {
		if asked != "GET /healthz" {
			return 0
		}
		mu.Lock()
		under++
		mu.Unlock()
		<-release
		return http.StatusOK
	}}
	present := begin(dashboard.serve(t))
	// One request hangs and a watch is open: both are cut.
	dashboard.await(1, "WATCH ")
	dashboard.await(1, "GET /healthz")
	begun := time.Now()
	present.end()
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the end took %s", took)
	}
	close(release)
	before := dashboard.requests()
	pause(t.Context(), 2*firstPause)
	if after := dashboard.requests(); len(after) != len(before) {
		t.Errorf("after the end it asked for %q", after[len(before):])
	}
}

func TestAListThatNeverLoadsSaysWhy(t *testing.T) {
	t.Parallel()
	dashboard := &fakeDashboard{refuse: func(string) int { return http.StatusForbidden }}
	present := begin(dashboard.serve(t))
	defer present.end()
	dashboard.await(2, "GET /api/v1/namespaces")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("not within a minute"))
	err := present.awaitLoaded(ctx)
	if err == nil || !strings.Contains(err.Error(), "not within a minute") || !strings.Contains(err.Error(), "answered 403") {
		t.Errorf("it said %v", err)
	}
}

func TestABareSessionUsesTheVerbsOfAPage(t *testing.T) {
	t.Parallel()
	dashboard := &fakeDashboard{told: []string{`{"type":"ADDED","object":{}}`}}
	session := &bare{client: dashboard.serve(t)}
	unserved, err := session.useEveryVerb(t.Context(), "/api/v1/namespaces/n/configmaps")
	if err != nil || len(unserved) > 0 {
		t.Fatalf("%q, %v", unserved, err)
	}
	const path, document = "/api/v1/namespaces/n/configmaps", "application/json"
	want := []string{
		"WATCH " + path + "?watch=1",
		"POST " + path + " " + document + ` {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"verbs"}}`,
		"GET " + path + "/verbs",
		"PATCH " + path + `/verbs application/merge-patch+json {"data":{"changed":"yes"}}`,
		"PUT " + path + "/verbs " + document + ` {"apiVersion":"v1","data":{"changed":"again"},"kind":"ConfigMap","metadata":{"name":"verbs"}}`,
		"GET " + path,
		"DELETE " + path + "/verbs",
	}
	if got := dashboard.requests(); !slices.Equal(got, want) {
		t.Errorf("asked for\n%s", strings.Join(got, "\n"))
	}
	// The page's script sends the same.
	for _, piece := range []string{"'POST', path", "'GET', `${path}/verbs`", "'PATCH', `${path}/verbs`", "'PUT', `${path}/verbs`", "'GET', path", "'DELETE', `${path}/verbs`"} {
		if !strings.Contains(verbsScript, "await call("+piece) {
			t.Errorf("a page does not send %s", piece)
		}
	}
	if sent := strings.Count(verbsScript, "await call("); sent != len(want)-1 {
		t.Errorf("a page sends %d requests, and a bare session %d", sent, len(want)-1)
	}
}

func TestVerbsThatAreNotServedAreTold(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refused, want string
	}{
		"a delete": {"DELETE ", "DELETE was answered 403"},
		"a watch":  {"WATCH ", "the watch could not be opened"},
		"a change": {"PATCH ", "PATCH was answered 403"},
	} {
		dashboard := &fakeDashboard{told: []string{`{"type":"ADDED"}`}, refuse: func(asked string) int {
			if strings.HasPrefix(asked, c.refused) {
				return http.StatusForbidden
			}
			return 0
		}}
		session := &bare{client: dashboard.serve(t)}
		unserved, err := session.useEveryVerb(t.Context(), "/api/v1/namespaces/n/configmaps")
		if err != nil || !slices.Equal(unserved, []string{c.want}) {
			t.Errorf("%s: %q, %v", name, unserved, err)
		}
		if asked := dashboard.requests(); len(asked) != 7 {
			t.Errorf("%s: the others were not used: %q", name, asked)
		}
	}
}

func TestAnOverviewLoadsForWhomTheAPIServerAccepts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refused string
		loads   bool
	}{
		"who may see all": {"nothing", true}, "who may see no events": {"GET /api/v1/events", true}, "who is nobody": {"POST ", false},
	} {
		dashboard := &fakeDashboard{refuse: func(asked string) int {
			if strings.HasPrefix(asked, c.refused) {
				return http.StatusForbidden
			}
			return 0
		}}
		err := (&bare{client: dashboard.serve(t)}).loadOverview(t.Context())
		if (err == nil) != c.loads {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABareSessionSeesANamespaceInAList(t *testing.T) {
	t.Parallel()
	dashboard := &fakeDashboard{}
	session := &bare{client: dashboard.serve(t)}
	if err := session.lookFor(t.Context(), "default"); err != nil {
		t.Error(err)
	}
	if asked := dashboard.requests(); len(asked) != 1 {
		t.Errorf("asked for %q", asked)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if err := session.lookFor(ctx, "absent"); !errors.Is(err, context.Canceled) {
		t.Errorf("one that is not there: %v", err)
	}
}

func TestABareSessionAsksWhoItIs(t *testing.T) {
	t.Parallel()
	dashboard := &fakeDashboard{}
	status, _, err := (&bare{client: dashboard.serve(t)}).askWhoIAm(t.Context())
	if err != nil || status != http.StatusCreated {
		t.Fatalf("%d, %v", status, err)
	}
	_, document, _ := strings.Cut(dashboard.requests()[0], "application/json ")
	var review map[string]string
	if err := json.Unmarshal([]byte(document), &review); err != nil || review["kind"] != "SelfSubjectReview" {
		t.Errorf("asked for %s", document)
	}
}

func TestThereIsNoPageToSearchInABareSession(t *testing.T) {
	t.Parallel()
	if err := (&bare{}).searchForTokens(t.Context()); err == nil || !strings.Contains(err.Error(), "in a browser") {
		t.Errorf("it said %v", err)
	}
}
