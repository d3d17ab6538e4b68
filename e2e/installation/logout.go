package installation

import (
	"context"
	"fmt"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// LogOut logs out by the page's user menu, and waits until a login is offered.
func (s *Session) LogOut(ctx context.Context) error {
	s.in.tell(live.Message{State: live.Using})
	s.in.did(timeline.LoggedOut)
	return s.in.undone(ctx, judge.StillIn, s.way.logOut(ctx))
}

// BackAndReload presses the browser's Back after a logout, and then reloads the
// page. Each time the page has to offer a login.
func (s *Session) BackAndReload(ctx context.Context) error {
	pressed := time.Now()
	if err := s.way.backToLogin(ctx); err != nil {
		return s.in.undone(ctx, judge.StillIn, fmt.Errorf("after the logout, go back: %w", err))
	}
	if err := s.awaitLoginRoute(ctx, pressed); err != nil {
		return err
	}
	s.in.did(timeline.WentBack)
	if err := s.way.reloadLogin(ctx); err != nil {
		return s.in.undone(ctx, judge.StillIn, fmt.Errorf("after the logout, reload the page: %w", err))
	}
	s.in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Reloaded, Tab: s.way.tab()})
	return nil
}

// awaitLoginRoute waits, not longer than a living page needs, until the page has
// come to its login since a moment: while it still asks who the user is, the button
// of the login that it showed before is there. Whether it came is a rule's to judge.
func (s *Session) awaitLoginRoute(ctx context.Context, since time.Time) error {
	return s.in.awaitAtMost(ctx, judge.AliveWithin, func(line timeline.Timeline) bool { return s.atLogin(line, since) })
}

// atLogin says whether the page has come to its login since a moment, and is there.
func (s *Session) atLogin(line timeline.Timeline, since time.Time) bool {
	routes := line.Since(since).Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Page && e.Kind == timeline.Routed && e.Tab == s.way.tab()
	})
	return len(routes) > 0 && judge.AsksForLogin(line.Header, routes[len(routes)-1])
}

// RecordCookies notes the cookies that the browser keeps.
func (s *Session) RecordCookies(ctx context.Context) error { return s.way.recordCookies(ctx) }

// SignInAgain clicks Sign In after a logout, notes whether Keycloak asks for the
// password, and how many sessions the user had left there.
func (s *Session) SignInAgain(ctx context.Context, user User) error {
	left, err := s.in.realm.Sessions(ctx, user.account)
	if err != nil {
		return environment("count the user's sessions at Keycloak", err)
	}
	s.in.recorder.Add(timeline.Event{Witness: timeline.Keycloak, Kind: timeline.SessionsLeft, Count: left})
	asked, err := s.way.signInAgain(ctx)
	if err != nil {
		return s.in.undone(ctx, judge.NotLoggedIn, err)
	}
	if asked {
		s.in.did(timeline.PasswordAsked)
	} else {
		s.in.did(timeline.LetInUnasked)
	}
	return nil
}

// Copy is a session's cookies in somebody else's hands.
type Copy struct {
	in     *Installation
	client *rawclient.Client
}

// CopyCookies copies the session's cookies, and the token that the page keeps itself
// where it does, as one does who gets at the browser's files or at a backup of them.
func (s *Session) CopyCookies(ctx context.Context) (*Copy, error) {
	cookies, err := s.way.cookies(ctx)
	if err != nil {
		return nil, err
	}
	token, err := s.way.ownToken(ctx)
	if err != nil {
		return nil, err
	}
	client, err := s.in.newClient()
	if err != nil {
		return nil, err
	}
	client.SetCookies(cookies)
	client.SetToken(token)
	return &Copy{in: s.in, client: client}, nil
}

// UsePastExpiry uses the copy again and again, as an open page would, until the
// token that it held when it was copied is worthless whatever the API server
// remembers, and then once more. What it is answered is for the rules.
func (c *Copy) UsePastExpiry(ctx context.Context) error {
	worthless, known := judge.WorthlessFrom(c.in.recorder.Timeline())
	if !known {
		return environment("use copied cookies", fmt.Errorf("no token of the user was seen before the logout"))
	}
	now, err := c.in.stand.Keycloak.Now(ctx)
	if err != nil {
		return environment("read Keycloak's clock", err)
	}
	until := time.Now().Add(worthless.Sub(now))
	for {
		last := time.Now().After(until)
		if _, err := c.client.Get(ctx, namespacesPath); err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
		if last {
			return nil
		}
		pause(ctx, min(poll, max(time.Until(until), 0)+time.Second))
	}
}

// OpenTab opens the dashboard in another tab of the same browser, and notes it when
// it shows the cluster without a login.
func (s *Session) OpenTab(ctx context.Context) (*Session, error) {
	way, err := s.in.openTab(ctx, s.user)
	if err != nil {
		return nil, s.in.undone(ctx, judge.PageNotAlive, err)
	}
	s.in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Acted, Text: timeline.TabOpened, Tab: way.tab()})
	return &Session{in: s.in, way: way, user: s.user}, nil
}

// AwaitLoginInOtherTab waits, after a logout, until the other tab asks for a login,
// as long as it may take. Whether it did is a rule's to judge.
func (s *Session) AwaitLoginInOtherTab(ctx context.Context) error {
	if err := s.in.awaitAtMost(ctx, judge.OfferedWithin, func(line timeline.Timeline) bool {
		return len(judge.AskedInOtherTab(line)) > 0
	}); err != nil {
		return err
	}
	s.in.did(timeline.LoginAwaited)
	return nil
}
