package installation

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// SleepOffline takes the page's network away for two lifetimes of a token, as a
// closed laptop does, gives it back, and shows whether the page recovers. Whether
// it did is a rule's to judge.
func (s *Session) SleepOffline(ctx context.Context) error {
	in := s.in
	// A WebSocket that opens just then would stall, too.
	if err := in.awaitAtMost(ctx, judge.AliveWithin, watchesNamespaces); err != nil {
		return err
	}
	if err := s.way.goOffline(ctx); err != nil {
		return in.undone(ctx, judge.PageNotAlive, err)
	}
	// A connection that is open would only stall.
	in.front.CutStreams()
	in.did(timeline.WentOffline)
	until := time.Now().Add(2*in.stand.Descriptor.Lifetime + poll)
	in.tell(live.Message{State: live.Holding, Of: 1, Next: until})
	if err := in.awaitClock(ctx, until); err != nil {
		return err
	}
	in.did(timeline.CameOnline)
	if err := s.way.comeOnline(ctx); err != nil {
		return in.undone(ctx, judge.PageNotAlive, err)
	}
	name, err := in.makeNamespace(ctx, "awake")
	if err != nil {
		return err
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.ObjectCreated, Text: name, Count: 1})
	if err := s.way.lookWithin(ctx, name, judge.RecoversWithin); err != nil {
		return err
	}
	return in.awaitAtMost(ctx, judge.RecoversWithin, func(line timeline.Timeline) bool { return !judge.SaysLostConnection(line) })
}

// watchesNamespaces says whether the page has opened the watch of its list, or the
// WebSocket that carries all of them, as the front saw.
func watchesNamespaces(line timeline.Timeline) bool {
	for _, event := range line.Of(timeline.Front, timeline.Responded) {
		request := event.Request
		if request.WebSocket && request.Status == http.StatusSwitchingProtocols &&
			(strings.Contains(request.URL, namespacesPath+"?") || strings.Contains(request.URL, "/wsMultiplexer")) {
			return true
		}
	}
	return false
}
