package installation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pages"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// secondWindow is how long the window of a login may take to close itself or to
// come to rest.
const secondWindow = 45 * time.Second

// LoginAtSecondTry logs a user in who gives a wrong password first.
func (in *Installation) LoginAtSecondTry(ctx context.Context, user User) (*Session, error) {
	return in.enter(ctx, user, "/", func(ctx context.Context, page pages.Headlamp) error {
		window, err := page.SignIn(ctx)
		if err != nil {
			return err
		}
		defer window.Close()
		if err := pages.TryWrongPassword(ctx, window, user.Name, "not the password of "+user.Name); err != nil {
			return err
		}
		if err := pages.LogInAtKeycloak(ctx, window, "", user.account.Password.Reveal()); err != nil {
			return err
		}
		return window.AwaitClosed(ctx, "wait for the login window to close itself")
	})
}

// LoginFrom opens a path of the dashboard without a session, as a bookmark does,
// and logs a user in. Text is what the page at that path shows. It waits until
// the page is there; that it is not is no error: it is a rule's to judge.
func (in *Installation) LoginFrom(ctx context.Context, user User, path, text string) (*Session, error) {
	session, err := in.enter(ctx, user, path, func(ctx context.Context, page pages.Headlamp) error {
		if in.options.Setup.KnownOnly {
			// A page that asked for the cluster's health in vain has something to clear.
			if err := in.awaitUnhealthy(ctx); err != nil {
				return err
			}
		}
		return in.logInThrough(ctx, page, user)
	})
	if err != nil {
		return nil, err
	}
	page := session.way.(*onPage).page
	if err := page.AwaitAt(ctx, path, text); err != nil && (errors.Is(err, browser.ErrLost) || ctx.Err() != nil) {
		return nil, onThePage(err)
	}
	return session, nil
}

// unhealthyWithin is how long a page without a session is waited for to ask for
// the cluster's health: it does so every five seconds, or not at all.
const unhealthyWithin = 3 * poll

// awaitUnhealthy waits until a question for the cluster's health was refused. A
// page that does not ask before the login has nothing to clear after it.
func (in *Installation) awaitUnhealthy(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, unhealthyWithin)
	defer cancel()
	err := in.recorder.Await(bounded, judge.AskedInVain)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return nil
}

// enter opens a path of the dashboard in a new tab, has a user log in there, and
// waits until a page of the cluster has loaded.
func (in *Installation) enter(ctx context.Context, user User, path string, logIn func(context.Context, pages.Headlamp) error) (*Session, error) {
	in.tell(live.Message{State: live.LoggingIn})
	begun := time.Now()
	if in.options.Bare {
		return nil, needsPage("log in on a page")
	}
	leave, err := in.stand.Admission.Enter(ctx)
	if err != nil {
		return nil, environment("wait for a place to log in", err)
	}
	defer leave()
	page, err := in.openPage(ctx, path)
	if err == nil {
		err = logIn(ctx, page)
	}
	if err == nil {
		err = page.AwaitInside(ctx)
	}
	if err != nil {
		return nil, in.undone(ctx, judge.NotLoggedIn, err)
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.LoggedIn, Tab: page.Tab.Name()})
	// A page shows its frame before it has asked for anything.
	if err := in.awaitServed(ctx, begun); err != nil {
		return nil, err
	}
	return &Session{in: in, way: in.onPage(page, user), user: user}, nil
}

// openPage opens a path of the dashboard in a new tab, without a session, and
// waits until the page asks for a login.
func (in *Installation) openPage(ctx context.Context, path string) (pages.Headlamp, error) {
	page, err := in.newPage(ctx)
	if err != nil {
		return pages.Headlamp{}, err
	}
	if path != "/" {
		in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Opened, Tab: page.Tab.Name(), Text: path})
	}
	return page, page.OpenAt(ctx, path)
}

// logInThrough logs a user in through the window that Sign In opens.
func (in *Installation) logInThrough(ctx context.Context, page pages.Headlamp, user User) error {
	window, err := page.SignIn(ctx)
	if err != nil {
		return err
	}
	defer window.Close()
	if err := pages.LogInAtKeycloak(ctx, window, user.Name, user.account.Password.Reveal()); err != nil {
		return err
	}
	return window.AwaitClosed(ctx, "wait for the login window to close itself")
}

// rest waits until the window of a login has closed itself, or has come to rest
// where Keycloak sent it back to. What it shows there is told.
func (in *Installation) rest(ctx context.Context, window *browser.Tab) (closed bool, err error) {
	bounded, cancel := context.WithTimeoutCause(ctx, secondWindow, fmt.Errorf("the login's window neither closed nor came to rest within %s", secondWindow))
	defer cancel()
	for bounded.Err() == nil {
		if window.IsClosed() {
			return true, nil
		}
		// A window that is on its way, or closes at this moment, cannot be read.
		there, text, err := pages.AtCallback(bounded, window)
		if errors.Is(err, browser.ErrLost) {
			return false, onThePage(err)
		}
		if err == nil && there {
			in.toldBy(text)
			return false, nil
		}
		pause(bounded, lagInterval)
	}
	return false, context.Cause(bounded)
}

// toldBy notes what the window of a login showed when it did not close.
func (in *Installation) toldBy(text string) {
	level := ""
	if rawclient.ShowsTrace(text) {
		level = timeline.ShowsTrace
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Told, Text: rawclient.Excerpt(text), Level: level})
}
