package installation

import (
	"context"
	"fmt"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pages"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// BeRefused has Keycloak refuse a user twice: the dashboard asks for a scope which
// its client has not, and then, when it has, for a user who lacks the role for it.
// It notes what the login's window says each time, and whether the page still
// offers to sign in.
func (in *Installation) BeRefused(ctx context.Context, user User, scope string) error {
	in.tell(live.Message{State: live.LoggingIn})
	if in.options.Bare {
		return needsPage("see what a refused user is told")
	}
	leave, err := in.stand.Admission.Enter(ctx)
	if err != nil {
		return environment("wait for a place to log in", err)
	}
	defer leave()
	if err := in.realm.WithdrawScope(ctx, scope); err != nil {
		return environment("take the scope "+scope+" from the dashboard's client", err)
	}
	in.did(timeline.ScopeTaken)
	page, err := in.openPage(ctx, "/")
	if err != nil {
		return in.undone(ctx, judge.NotLoggedIn, err)
	}
	if err := in.signInVainly(ctx, page, nil); err != nil {
		return err
	}
	if err := in.realm.AssignScope(ctx, scope); err != nil {
		return environment("give the scope "+scope+" to the dashboard's client", err)
	}
	if err := in.realm.TakeRoles(ctx, user.account); err != nil {
		return environment("take the roles from the user", err)
	}
	in.did(timeline.RoleTaken)
	return in.signInVainly(ctx, page, &user)
}

// signInVainly signs in through a window of which nothing good is expected. Without
// a user, Keycloak is expected not to ask for one.
func (in *Installation) signInVainly(ctx context.Context, page pages.Headlamp, user *User) error {
	window, err := page.SignIn(ctx)
	if err != nil {
		return in.undone(ctx, judge.NotLoggedIn, err)
	}
	defer window.Close()
	if user != nil {
		if err := pages.LogInAtKeycloak(ctx, window, user.Name, user.account.Password.Reveal()); err != nil {
			return in.undone(ctx, judge.NotLoggedIn, err)
		}
	}
	if _, err := in.rest(ctx, window); err != nil {
		return in.undone(ctx, judge.NotTold, err)
	}
	// A person closes a window that says no.
	window.Close()
	if err := page.AwaitSignIn(ctx); err != nil {
		return in.undone(ctx, judge.NotLoggedIn, fmt.Errorf("after a refusal: %w", err))
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Offers, Tab: page.Tab.Name()})
	return nil
}

// LoginAcrossRestart logs a user in who is at Keycloak's form while the dashboard
// is restarted. When the window then says that it cannot go on, the
// user closes it and signs in again.
func (in *Installation) LoginAcrossRestart(ctx context.Context, user User) (*Session, error) {
	return in.enter(ctx, user, "/", func(ctx context.Context, page pages.Headlamp) error {
		window, err := page.SignIn(ctx)
		if err != nil {
			return err
		}
		defer window.Close()
		if err := pages.AwaitForm(ctx, window); err != nil {
			return err
		}
		for _, replica := range in.replicas {
			if err := replica.Restart(ctx); err != nil {
				return fmt.Errorf("restart the dashboard: %w", err)
			}
		}
		in.did(timeline.RestartedInLogin)
		if err := pages.LogInAtKeycloak(ctx, window, user.Name, user.account.Password.Reveal()); err != nil {
			return err
		}
		closed, err := in.rest(ctx, window)
		if closed || err != nil {
			return err
		}
		window.Close()
		// Keycloak knows the user by now and asks for nothing. The second window may
		// be gone before it can be looked at: the page shows whether it led in.
		return page.ClickSignIn(ctx)
	})
}

// LoginInVain logs a user in whom the API server does not know, and watches what
// the page makes of it for judge.WatchedFor.
func (in *Installation) LoginInVain(ctx context.Context, user User) error {
	in.tell(live.Message{State: live.LoggingIn})
	if in.options.Bare {
		return needsPage("see what becomes of a login in vain")
	}
	if err := in.vainly(ctx, user); err != nil {
		return in.undone(ctx, judge.NotLoggedIn, err)
	}
	in.tell(live.Message{State: live.Using})
	now, err := in.stand.Keycloak.Now(ctx)
	if err != nil {
		return environment("read Keycloak's clock", err)
	}
	// What must not happen has no end to wait for.
	if err := in.awaitClock(ctx, now.Add(judge.WatchedFor+time.Second)); err != nil {
		return err
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Watched})
	return nil
}

func (in *Installation) vainly(ctx context.Context, user User) error {
	leave, err := in.stand.Admission.Enter(ctx)
	if err != nil {
		return environment("wait for a place to log in", err)
	}
	defer leave()
	page, err := in.openPage(ctx, "/")
	if err != nil {
		return err
	}
	window, err := page.SignIn(ctx)
	if err != nil {
		return err
	}
	defer window.Close()
	if err := pages.LogInAtKeycloak(ctx, window, user.Name, user.account.Password.Reveal()); err != nil {
		return err
	}
	if _, err := in.rest(ctx, window); err != nil {
		return err
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Back, Tab: page.Tab.Name()})
	return nil
}
