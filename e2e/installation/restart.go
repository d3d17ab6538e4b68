package installation

import (
	"context"
	"fmt"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// RestartDashboard kills every replica, as an eviction does, and waits until each
// serves again. Until then the front answers 502.
func (in *Installation) RestartDashboard(ctx context.Context) error {
	for _, replica := range in.replicas {
		if err := replica.Restart(ctx); err != nil {
			return in.undone(ctx, judge.Crashed, fmt.Errorf("restart the dashboard: %w", err))
		}
	}
	in.did(timeline.DashboardRestarted)
	return nil
}

// HoldThroughRestart holds the session while the dashboard is restarted.
func (s *Session) HoldThroughRestart(ctx context.Context) error {
	return s.holdThrough(ctx, s.in.RestartDashboard)
}

// HoldThroughReimport holds the session while the realm is imported anew.
func (s *Session) HoldThroughReimport(ctx context.Context) error {
	return s.holdThrough(ctx, func(ctx context.Context) error { return s.in.ReimportRealm(ctx, s.user) })
}

// holdThrough keeps the session open on a list, has something done to the
// installation as soon as the session has been refreshed, and goes past the expiry
// of the token that it had then. When the page asks for a login, the user logs in,
// and only once. It judges nothing.
func (s *Session) holdThrough(ctx context.Context, something func(context.Context) error) error {
	in := s.in
	if err := s.beginHold(ctx); err != nil {
		return err
	}
	// A session that is not refreshed at all would die without it too.
	token, err := in.awaitToken(ctx, 2)
	if err != nil {
		return err
	}
	if token == nil {
		s.endHold(in.unseen(2))
		return nil
	}
	if err := something(ctx); err != nil {
		return err
	}
	tokens := in.recorder.Timeline().Tokens()
	had := tokens[len(tokens)-1]
	// A page that was refused for a while asks more and more seldom, and the token
	// may have expired by now.
	if err := in.awaitClock(ctx, time.Now().Add(judge.AcceptedAfterExpiry+poll)); err != nil {
		return err
	}
	if err := s.awaitExpiry(ctx, 1, 1, had); err != nil {
		return err
	}
	if err := s.showUsable(ctx, 1); err != nil {
		return err
	}
	if err := in.awaitServed(ctx, had.ExpiresAt); err != nil {
		return err
	}
	s.endHold("")
	return nil
}

// showUsable shows whether the session is alive, after a login if the page asks
// for one.
func (s *Session) showUsable(ctx context.Context, k int) error {
	in := s.in
	if _, err := s.unlessSentBack(ctx, func(ctx context.Context) error { return s.showAlive(ctx, k) }); err != nil {
		return err
	}
	if !sentBack(in.recorder.Timeline()) {
		return nil
	}
	in.tell(live.Message{State: live.LoggingIn})
	if err := s.way.logInAgain(ctx); err != nil {
		return in.undone(ctx, judge.NotLoggedIn, fmt.Errorf("log in again: %w", err))
	}
	if err := s.OpenNamespaces(ctx); err != nil {
		return err
	}
	return s.showAlive(ctx, k)
}
