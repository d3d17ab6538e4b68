package conformance

import (
	"context"
	"errors"

	"github.com/onsi/ginkgo/v2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
)

// Installation is a spec's own installation. Its methods fail the spec when
// they fail, and note when the environment is to blame.
type Installation struct {
	in   *installation.Installation
	note *note
}

// Expiries is how many expiries a hold goes past.
func (i *Installation) Expiries() int { return i.in.Expiries() }

// NewUser makes a user at Keycloak who is in these groups.
func (i *Installation) NewUser(ctx context.Context, groups ...string) installation.User {
	ginkgo.GinkgoHelper()
	user, err := i.in.NewUser(ctx, groups...)
	must(i.note, err)
	return user
}

// Login logs a user in with a fresh browser, as a person does, or without any
// when the run was planned bare.
func (i *Installation) Login(ctx context.Context, user installation.User) *Session {
	ginkgo.GinkgoHelper()
	session, err := i.in.Login(ctx, user)
	must(i.note, err)
	return &Session{session: session, in: i}
}

// Observe gathers what all witnesses saw so far.
func (i *Installation) Observe(ctx context.Context) installation.Observation {
	ginkgo.GinkgoHelper()
	observation, err := i.in.Observe(ctx)
	must(i.note, err)
	return observation
}

// Session is a user who has logged in.
type Session struct {
	session *installation.Session
	in      *Installation
}

// AwaitToken waits until the session has used its token: a page that has it itself
// is logged in before.
func (s *Session) AwaitToken(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.AwaitToken(ctx))
}

// Hold keeps the session open past a number of token expiries, and gathers what
// all witnesses saw.
func (s *Session) Hold(ctx context.Context, expiries int) installation.Observation {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.Hold(ctx, expiries))
	return s.in.Observe(ctx)
}

// Idle leaves the page alone until it has been open for judge.IdleFor and still
// asks for the cluster's health.
func (s *Session) Idle(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.Idle(ctx))
}

// Reload loads the page anew. Whether it asks for a login is for what is asserted
// to say.
func (s *Session) Reload(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.Reload(ctx))
}

// VisitNamespaces goes to the list of namespaces and back to the overview, inside
// the page. Whether it asks for a login is for what is asserted to say.
func (s *Session) VisitNamespaces(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.VisitNamespaces(ctx))
}

// SearchForTokens looks for tokens wherever a script of the page can read.
func (s *Session) SearchForTokens(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.SearchForTokens(ctx))
}

// AskWhoIAm asks the API server, through the dashboard, who the session's user is.
func (s *Session) AskWhoIAm(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.AskWhoIAm(ctx))
}

// UseEveryVerb makes, reads, changes, lists, watches and removes an object of the
// session's own, through the dashboard and with the session's credentials. What
// is refused fails the spec at its end: what it asserts may say why.
func (s *Session) UseEveryVerb(ctx context.Context) {
	ginkgo.GinkgoHelper()
	err := s.session.UseEveryVerb(ctx)
	var undone *installation.UndoneError
	if errors.As(err, &undone) {
		s.in.note.undone = append(s.in.note.undone, undone)
		return
	}
	must(s.in.note, err)
}

// must fails the spec on an error, and skips it, with its reason noted, when
// its promise cannot be shown here.
func must(note *note, err error) {
	ginkgo.GinkgoHelper()
	if err == nil {
		return
	}
	var inapplicable *installation.InapplicableError
	if errors.As(err, &inapplicable) {
		note.spec.Reason = inapplicable.Reason
		ginkgo.Skip(inapplicable.Reason)
	}
	var blocked *installation.BlockedError
	if errors.As(err, &blocked) {
		note.spec.Blocked = blocked.Error()
	}
	ginkgo.Fail(err.Error())
}
