package installation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// User is a user of the installation, at Keycloak.
type User struct {
	Name   string
	Groups []string

	account keycloak.User
}

// Session is a user who has logged in.
type Session struct {
	in   *Installation
	way  way
	user User
	// others are further tabs of the browser, which are held with this one.
	others []*Session
}

// way is how a user who has logged in acts on the dashboard: on a page in the
// browser, or with bare requests.
type way interface {
	// tab is what the events of its page are told apart by, or "" without one.
	tab() string
	// openNamespaces opens the list of namespaces and waits until it has loaded, which
	// one of these in it shows. It stays open until the installation is removed.
	openNamespaces(ctx context.Context, names []string) error
	// reload loads the page anew, and waits until the overview has loaded.
	reload(ctx context.Context) error
	// visitNamespaces goes to the list of namespaces and back to the overview.
	visitNamespaces(ctx context.Context, names []string) error
	// logInAgain logs the same user in on a page that asks for it.
	logInAgain(ctx context.Context) error
	// lookFor waits, not longer than a living page needs, until a namespace is
	// shown. That it was not is no error: it is a rule's to judge.
	lookFor(ctx context.Context, namespace string) error
	// askWhoIAm asks for a SelfSubjectReview, and returns its answer.
	askWhoIAm(ctx context.Context) (status int, body []byte, err error)
	// useEveryVerb makes, reads, changes, lists, watches and removes an object in
	// the collection at path, and returns what was not served.
	useEveryVerb(ctx context.Context, path string) (unserved []string, err error)
	// openStream opens a stream, talks to it, and returns what it did not do.
	openStream(ctx context.Context, stream podStream) (problem string, err error)
	searchForTokens(ctx context.Context) error
	// ownToken is the token that the way has itself, beside its cookies, or "".
	ownToken(ctx context.Context) (string, error)
	wayOut
	renewalWay
}

// wayOut is how a user logs out, and sees what is left.
type wayOut interface {
	// logOut logs out, and waits until a login is offered.
	logOut(ctx context.Context) error
	// openUserMenu opens the menu that offers to log out, and logOutAmid logs out by
	// it, in the midst of n requests for a path of the cluster, and waits for their
	// answers.
	openUserMenu(ctx context.Context) error
	logOutAmid(ctx context.Context, path string, n int) error
	// backToLogin goes back, and reloadLogin reloads the page: both wait until a
	// login is offered.
	backToLogin(ctx context.Context) error
	reloadLogin(ctx context.Context) error
	// openAgain opens the dashboard as if for the first time, and waits until it shows
	// the login or the overview.
	openAgain(ctx context.Context) error
	// signInAgain clicks Sign In, and says whether Keycloak asks for the password.
	signInAgain(ctx context.Context) (asked bool, err error)
	recordCookies(ctx context.Context) error
}

// NewUser makes a user with a name that no other spec uses, in these groups.
func (in *Installation) NewUser(ctx context.Context, groups ...string) (User, error) {
	return in.newUserOf(ctx, in.realm, groups, func(header *timeline.Header) *[]timeline.User { return &header.Users })
}

// newUserOf makes a user of a realm, and notes it where the timeline's header has
// the realm's users.
func (in *Installation) newUserOf(ctx context.Context, realm *keycloak.Realm, groups []string, listed func(*timeline.Header) *[]timeline.User) (User, error) {
	planted := in.options.Fault.Environment
	if len(planted.Groups) > 0 {
		groups = planted.Groups
	}
	account, err := realm.CreateUser(ctx, keycloak.User{Name: newName("user"), Groups: groups})
	if err != nil {
		return User{}, environment("make a user", err)
	}
	if planted.WithoutRoles {
		if err := realm.TakeRoles(ctx, account); err != nil {
			return User{}, environment("take the user's roles", err)
		}
	}
	in.recorder.Describe(func(header *timeline.Header) {
		users := listed(header)
		*users = append(*users, timeline.User{Name: account.Name, ID: account.ID, Groups: groups})
	})
	return User{Name: account.Name, Groups: groups, account: account}, nil
}

// Login logs a user in: on a page in a new tab, through the window that Sign In
// opens, or, in a bare installation, with requests alone. It returns when the
// cluster's overview has loaded.
func (in *Installation) Login(ctx context.Context, user User) (*Session, error) {
	in.tell(live.Message{State: live.LoggingIn})
	logIn := in.logInOnPage
	if in.options.Bare {
		logIn = in.logInBare
	}
	way, err := logIn(ctx, user)
	if err != nil {
		return nil, in.undone(ctx, judge.NotLoggedIn, err)
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.LoggedIn, Tab: way.tab()})
	return &Session{in: in, way: way, user: user}, in.requireCookie(ctx)
}

// requireCookie gives the scenario up that is about the session's cookie, where the
// dashboard leaves the token to its page in place of one.
func (in *Installation) requireCookie(ctx context.Context) error {
	if !in.options.Setup.AboutCookie {
		return nil
	}
	if err := in.awaitAtMost(ctx, judge.AliveWithin, func(line timeline.Timeline) bool {
		return judge.HasSessionCookie(line) || judge.TokenSentByPage(line)
	}); err != nil {
		return err
	}
	if line := in.recorder.Timeline(); judge.TokenSentByPage(line) && !judge.HasSessionCookie(line) {
		return &InapplicableError{Reason: "the session has no cookie: the dashboard's page keeps the token and sends it itself"}
	}
	return nil
}

// SearchForTokens looks for tokens wherever a script of the page can read, and
// notes the session's cookies as the browser keeps them. It begins when a token
// was used: a page is shown before that.
func (s *Session) SearchForTokens(ctx context.Context) error {
	if err := s.in.awaitAtMost(ctx, judge.AliveWithin, func(line timeline.Timeline) bool { return len(line.Tokens()) > 0 }); err != nil {
		return err
	}
	return s.way.searchForTokens(ctx)
}

// AskWhoIAm records as whom the API server knows the session.
func (s *Session) AskWhoIAm(ctx context.Context) error {
	const what = "ask the API server who the session's user is"
	status, body, err := s.way.askWhoIAm(ctx)
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("answered %d", status)
	}
	if err != nil {
		return s.in.undone(ctx, judge.NotServed, fmt.Errorf("%s: %w", what, err))
	}
	known, err := readReview(body)
	if err != nil {
		return fmt.Errorf("%s: read the answer: %w", what, err)
	}
	s.in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.WhoAmI, Identified: &known})
	return nil
}

// UseEveryVerb makes, reads, changes, lists, watches and removes an object of
// the session's own, through the dashboard and with the session's credentials.
// The user needs the right to do so in every namespace.
func (s *Session) UseEveryVerb(ctx context.Context) error {
	in := s.in
	namespace, err := in.makeNamespace(ctx, "verbs")
	if err != nil {
		return err
	}
	unserved, err := s.way.useEveryVerb(ctx, "/api/v1/namespaces/"+namespace+"/configmaps")
	if err == nil && len(unserved) > 0 {
		err = errors.New(strings.Join(unserved, "; "))
	}
	if err != nil {
		err = fmt.Errorf("use every verb: %w", err)
	}
	return in.undone(ctx, judge.NotServed, err)
}
