package installation

import (
	"context"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// Idle leaves the page alone until, judge.IdleFor after the login, it has asked
// for the cluster's health once more, or asks for a login. Whether it did is the
// rule's to judge.
func (s *Session) Idle(ctx context.Context) error {
	s.in.tell(live.Message{State: live.Using})
	bounded, cancel := context.WithTimeout(ctx, judge.IdleFor+loadTimeout)
	defer cancel()
	err := s.in.recorder.Await(bounded, func(line timeline.Timeline) bool {
		return len(judge.AskedWhenIdle(line)) > 0 || sentBack(line)
	})
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}

// Reload loads the page anew. That it asks for a login then is no error: it is a
// rule's to judge.
func (s *Session) Reload(ctx context.Context) error {
	loaded, err := s.unlessSentBack(ctx, s.way.reload)
	if loaded {
		s.in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Reloaded, Tab: s.way.tab()})
	}
	return err
}

// VisitNamespaces goes to the list of namespaces and back to the overview. That
// the page asks for a login is no error, as for Reload.
func (s *Session) VisitNamespaces(ctx context.Context) error {
	names, err := s.in.namespaces(ctx)
	if err != nil {
		return err
	}
	_, err = s.unlessSentBack(ctx, func(ctx context.Context) error { return s.way.visitNamespaces(ctx, names) })
	return err
}

// unlessSentBack does something with the page, and gives it up as soon as the
// page asks for a login. It says whether it could be done.
func (s *Session) unlessSentBack(ctx context.Context, do func(context.Context) error) (done bool, err error) {
	bounded, cancel := context.WithCancel(ctx)
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		if s.in.recorder.Await(bounded, sentBack) == nil {
			cancel()
		}
	}()
	err = do(bounded)
	cancel()
	<-watching
	if err == nil {
		return true, nil
	}
	if sentBack(s.in.recorder.Timeline()) {
		return false, ctx.Err()
	}
	return false, s.in.undone(ctx, judge.PageNotAlive, err)
}

func sentBack(line timeline.Timeline) bool { return len(judge.SentBack(line)) > 0 }
