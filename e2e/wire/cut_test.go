package wire_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// openWatch opens a watch, and returns what reads from it.
func (r *rig) openWatch(t *testing.T) io.Reader {
	t.Helper()
	response, err := r.client.Do(r.request(t, t.Context(), http.MethodGet, "/api/v1/pods?watch=1", nil))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response.Body
}

func TestCuttingEndsAnOpenWatchOnBothSides(t *testing.T) {
	t.Parallel()
	upstreamEnded := make(chan struct{})
	r := newRig(t, func(w http.ResponseWriter, request *http.Request) {
		if !request.URL.Query().Has("watch") {
			return
		}
		defer close(upstreamEnded)
		w.(http.Flusher).Flush()
		<-request.Context().Done()
	})
	watch := r.openWatch(t)
	if got := r.proxy.Streams(); got != 1 {
		t.Errorf("%d streams are open", got)
	}
	r.proxy.CutStreams()
	if content, err := io.ReadAll(watch); err == nil {
		t.Errorf("the watch ended well, with %q", content)
	}
	<-upstreamEnded
	r.recorded(t, timeline.Ended)
	if got := r.proxy.Streams(); got != 0 {
		t.Errorf("%d streams are open still", got)
	}
	if status, _ := r.get(t, "/healthz"); status != http.StatusOK {
		t.Errorf("what comes after it is answered %d", status)
	}
}

func TestCuttingEndsAnUpgradedConnection(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo(t))
	_, _, answers := r.upgrade(t)
	r.recorded(t, timeline.Responded)
	r.proxy.CutStreams()
	if got, err := answers.ReadString('\n'); err == nil {
		t.Errorf("it still answers %q", got)
	}
	r.recorded(t, timeline.Ended)
}

func TestAnOrdinaryRequestIsNoStream(t *testing.T) {
	t.Parallel()
	var streams int
	var r *rig
	r = newRig(t, func(http.ResponseWriter, *http.Request) {
		streams = r.proxy.Streams()
		r.proxy.CutStreams()
	})
	if status, _ := r.get(t, "/healthz"); status != http.StatusOK || streams != 0 {
		t.Errorf("answered %d, with %d streams", status, streams)
	}
}
