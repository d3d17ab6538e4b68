package front_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/front"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

type rig struct {
	front    *front.Front
	recorder *timeline.Recorder
	client   *http.Client
}

func newRig(t *testing.T, wrap func(http.Handler) http.Handler) *rig {
	t.Helper()
	authority, err := pki.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{recorder: timeline.NewRecorder(timeline.Header{})}
	r.front, err = front.Start(authority, r.recorder, wrap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.front.Close(); err != nil {
			t.Error(err)
		}
	})
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authority.Pool()}, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	r.client = &http.Client{Transport: transport}
	return r
}

// replica starts a replica, and returns its address.
func replica(t *testing.T, handler http.HandlerFunc) *url.URL {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return address
}

func named(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, name) }
}

func (r *rig) get(t *testing.T, header http.Header) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.front.URL()+"/clusters/main/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = header
	response, err := r.client.Do(request)
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

func TestTheDashboardSeesTheBrowsersRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	var arrived *http.Request
	r.front.SetReplicas(replica(t, func(_ http.ResponseWriter, request *http.Request) { arrived = request }))
	r.get(t, http.Header{
		"Cookie": {"headlamp-auth-main.0=x"}, "Origin": {r.front.URL()},
		// Whatever the browser says of earlier hops is not believed.
		"X-Forwarded-Proto": {"http"}, "X-Forwarded-For": {"10.0.0.1"}, "X-Forwarded-Host": {"evil"},
	})
	address := strings.TrimPrefix(r.front.URL(), "https://")
	if !strings.HasPrefix(address, "localhost:") || address != fmt.Sprintf("localhost:%d", r.front.Port()) {
		t.Errorf("the front's URL is %s", r.front.URL())
	}
	for header, want := range map[string]string{
		"X-Forwarded-Proto": "https", "X-Forwarded-Host": address, "X-Forwarded-For": "127.0.0.1",
		"Cookie": "headlamp-auth-main.0=x", "Origin": r.front.URL(), "Accept-Encoding": "",
	} {
		if got := strings.Join(arrived.Header.Values(header), " | "); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
	if arrived.Host != address {
		t.Errorf("the host became %s", arrived.Host)
	}
	event, found := r.recorder.Timeline().First(timeline.Front, timeline.Responded)
	if !found || event.Request.URL != "/clusters/main/healthz" || event.Request.AuditID != "" {
		t.Errorf("recorded %+v", event.Request)
	}
}

func TestRequestsGoToTheReplicasInTurn(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.front.SetReplicas(replica(t, named("a")), replica(t, named("b")))
	var answers string
	for range 4 {
		_, body := r.get(t, nil)
		answers += body
	}
	if answers != "abab" {
		t.Errorf("answered by %q", answers)
	}
	r.front.SetReplicas(replica(t, named("c")))
	if _, body := r.get(t, nil); body != "c" {
		t.Errorf("after the change: answered by %q", body)
	}
}

// A front that healed what a replica does wrong would hide it.
func TestAReplicaThatIsDownIsNotPassedOver(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	down := httptest.NewServer(http.NotFoundHandler())
	gone, err := url.Parse(down.URL)
	if err != nil {
		t.Fatal(err)
	}
	down.Close()
	r.front.SetReplicas(replica(t, named("up")), gone)
	var statuses []int
	for range 4 {
		status, _ := r.get(t, nil)
		statuses = append(statuses, status)
	}
	if !slices.Equal(statuses, []int{200, 502, 200, 502}) {
		t.Errorf("answered %v", statuses)
	}
	if failed := r.recorder.Timeline().Of(timeline.Front, timeline.Failed); len(failed) != 2 || failed[0].Request.Status != http.StatusBadGateway {
		t.Errorf("recorded %+v", failed)
	}
}

func TestWithoutReplicasItAnswers502(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if status, _ := r.get(t, nil); status != http.StatusBadGateway {
		t.Errorf("answered %d", status)
	}
	event, found := r.recorder.Timeline().First(timeline.Front, timeline.Failed)
	if !found || !strings.Contains(event.Request.Error, "no replica") {
		t.Errorf("recorded %+v", event.Request)
	}
}

func TestAWatchPassesTheFrontAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	goOn := make(chan struct{})
	r.front.SetReplicas(replica(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "one\n")
		w.(http.Flusher).Flush()
		<-goOn
	}))
	response, err := r.client.Get(r.front.URL() + "/clusters/main/api/v1/pods?watch=1")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if line, err := bufio.NewReader(response.Body).ReadString('\n'); err != nil || line != "one\n" {
		t.Errorf("got %q, %v", line, err)
	}
	close(goOn)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := r.recorder.Await(ctx, func(line timeline.Timeline) bool {
		_, ended := line.First(timeline.Front, timeline.Ended)
		return ended
	}); err != nil {
		t.Errorf("its end was not recorded: %v", err)
	}
}

func TestWhatStandsBeforeTheFrontGetsEveryRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(front http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			w.Header().Set("X-Wrapped", "yes")
			front.ServeHTTP(w, request)
		})
	})
	r.front.SetReplicas(replica(t, named("a")))
	response, err := r.client.Get(r.front.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.Header.Get("X-Wrapped") != "yes" {
		t.Errorf("answered %v", response.Header)
	}
}
