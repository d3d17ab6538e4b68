package installation

import (
	"context"
	"fmt"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	// poll is how often Headlamp's page asks for the cluster's health.
	poll = 5 * time.Second
	// renewal is the longest after one token's expiry has been crossed that the
	// next token may be seen for the first time, lifetimes apart.
	renewal = 15 * time.Second
	// maskedFactor is how many times longer than set a token has to live to
	// mask every expiry.
	maskedFactor = 3
)

// Hold keeps the session open on a list until a number of token expiries lie
// behind it, and shows after each whether it is alive. It judges nothing: a page
// that dies is held to the end all the same, for its evidence.
func (s *Session) Hold(ctx context.Context, expiries int) error {
	return s.HoldThrough(ctx, expiries, nil)
}

// HoldThrough is a hold in which something happens to the installation before the
// expiries are crossed: as soon as the session has been refreshed, so that the
// token it has is fresh. Without a refresh nothing happens.
func (s *Session) HoldThrough(ctx context.Context, expiries int, happens func(ctx context.Context) error) error {
	if err := s.beginHold(ctx); err != nil {
		return err
	}
	if happens != nil {
		if token, err := s.in.awaitToken(ctx, 2); err != nil {
			return err
		} else if token != nil {
			if err := happens(ctx); err != nil {
				return err
			}
		}
	}
	return s.goPast(ctx, expiries)
}

// goPast keeps the session open, whose hold has begun, until a number of token
// expiries lie behind it.
func (s *Session) goPast(ctx context.Context, expiries int) error {
	in := s.in
	s.picture(ctx)
	reason := ""
	for k := 1; k <= expiries; k++ {
		token, err := in.awaitToken(ctx, k)
		if err != nil {
			return err
		}
		if token == nil {
			reason = in.unseen(k)
			break
		}
		if lifetime := token.Lifetime(); lifetime > maskedFactor*in.stand.Descriptor.Lifetime {
			return &InapplicableError{Reason: fmt.Sprintf("a token lives %s, set were %s: the hold crosses no expiry", lifetime, in.stand.Descriptor.Lifetime)}
		}
		if err := s.cross(ctx, k, expiries, *token); err != nil {
			return err
		}
	}
	s.endHold(reason)
	return nil
}

// beginHold opens the list that the session is held on.
func (s *Session) beginHold(ctx context.Context) error {
	if err := s.OpenNamespaces(ctx); err != nil {
		return err
	}
	s.in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.HoldBegan, Tab: s.way.tab()})
	return nil
}

// endHold ends a hold, early when there is a reason.
func (s *Session) endHold(reason string) {
	for _, tab := range append([]*Session{s}, s.others...) {
		s.in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.HoldEnded, Tab: tab.way.tab(), Text: reason})
	}
	s.in.tell(live.Message{State: live.Judging})
}

// unseen says that the k-th token did not come.
func (in *Installation) unseen(k int) string {
	return fmt.Sprintf("no %s token of the user was seen within %s", ordinal(k), in.renewalLimit())
}

// cross waits until a token's expiry lies behind the session, and then shows
// whether it is alive and served.
func (s *Session) cross(ctx context.Context, k, of int, token redact.Token) error {
	if err := s.awaitExpiry(ctx, k, of, token); err != nil {
		return err
	}
	if err := s.showAlive(ctx, k); err != nil {
		return err
	}
	s.picture(ctx)
	return s.in.awaitServed(ctx, token.ExpiresAt)
}

// awaitExpiry waits until a token's expiry lies behind the session.
func (s *Session) awaitExpiry(ctx context.Context, k, of int, token redact.Token) error {
	in := s.in
	crossing := token.ExpiresAt.Add(judge.AcceptedAfterExpiry + poll)
	in.tell(live.Message{State: live.Holding, Crossed: k - 1, Of: of, Next: crossing})
	if err := in.awaitClock(ctx, crossing); err != nil {
		return err
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.ExpiryCrossed, Count: k, Token: &token})
	in.tell(live.Message{State: live.Holding, Crossed: k, Of: of})
	return nil
}

// showAlive makes an object and looks for it in the list that is open in each of
// the session's tabs.
func (s *Session) showAlive(ctx context.Context, k int) error {
	in := s.in
	name, err := in.makeNamespace(ctx, "alive")
	if err != nil {
		return err
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.ObjectCreated, Text: name, Count: k})
	return s.lookInEveryTab(ctx, name)
}

// awaitToken waits for the k-th token of the session. It returns nil when none
// came in time: a dashboard that does not refresh.
func (in *Installation) awaitToken(ctx context.Context, k int) (*redact.Token, error) {
	return in.awaitTokenOf(ctx, k, whole)
}

// whole is all of a timeline.
func whole(line timeline.Timeline) timeline.Timeline { return line }

func (in *Installation) renewalLimit() time.Duration { return in.stand.Descriptor.Lifetime + renewal }

// awaitClock waits until Keycloak's clock shows a time: expiry is the issuer's.
func (in *Installation) awaitClock(ctx context.Context, until time.Time) error {
	now, err := in.stand.Keycloak.Now(ctx)
	if err != nil {
		return environment("read Keycloak's clock", err)
	}
	timer := time.NewTimer(until.Sub(now))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// awaitServed waits, not longer than a living page needs, until a request of
// the user succeeded after a moment. Whether one did is the rule's to judge.
func (in *Installation) awaitServed(ctx context.Context, after time.Time) error {
	return in.awaitServedOf(ctx, after, whole)
}

func ordinal(n int) string {
	switch n {
	case 1:
		return "1st"
	case 2:
		return "2nd"
	case 3:
		return "3rd"
	default:
		return fmt.Sprintf("%dth", n)
	}
}
