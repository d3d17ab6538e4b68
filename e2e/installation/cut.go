package installation

import (
	"context"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// reopenWithin is the longest that a page may take to open a watch anew: the
// longest pause of Headlamp's, and what it needs on a busy machine.
const reopenWithin = longestPause + 10*time.Second

// CutWatches cuts every open watch and WebSocket before the API server, as an
// upgrade of that does. It waits first until the list is watched.
func (in *Installation) CutWatches(ctx context.Context) error {
	if err := in.awaitWatch(ctx, judge.WatchIsOpen); err != nil {
		return err
	}
	// Noted first: what is opened anew comes after it.
	count := in.tap.Streams()
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Acted, Text: timeline.WatchesCut, Count: count})
	in.tap.CutStreams()
	return nil
}

// awaitWatch waits, not longer than a living page needs, until the list is
// watched. Whether it is, is a rule's to judge.
func (in *Installation) awaitWatch(ctx context.Context, is func(timeline.Timeline) bool) error {
	bounded, cancel := context.WithTimeout(ctx, reopenWithin)
	defer cancel()
	if err := in.recorder.Await(bounded, is); err != nil {
		return ctx.Err()
	}
	return nil
}

// HoldThroughCut holds the session past one expiry, so that the token its watch
// was opened with is no good any more, has the watches cut, and shows whether the
// page goes on.
func (s *Session) HoldThroughCut(ctx context.Context) error {
	if err := s.Hold(ctx, 1); err != nil {
		return err
	}
	if err := s.in.CutWatches(ctx); err != nil {
		return err
	}
	// The object comes after that: the watch has to tell of it, not the list.
	if err := s.in.awaitWatch(ctx, judge.WatchIsReopened); err != nil {
		return err
	}
	return s.showAlive(ctx, 1)
}
