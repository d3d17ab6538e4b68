package conformance

import (
	"context"

	"github.com/onsi/ginkgo/v2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
)

// ForgeIdentities tries to read what the user may not, with identities that the
// requests claim by headers of their own.
func (s *Session) ForgeIdentities(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.ForgeIdentities(ctx))
}

// AskForbidden asks for what administrators alone may read.
func (s *Session) AskForbidden(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.AskForbidden(ctx))
}

// TryImpersonator goes to the impersonator past the dashboard, with good tokens
// and with bad ones.
func (i *Installation) TryImpersonator(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.TryImpersonator(ctx, user))
}

// Discover asks what the cluster has.
func (s *Session) Discover(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.Discover(ctx))
}

// LeaveGroup takes the user out of a group, and waits until the session has been
// renewed.
func (s *Session) LeaveGroup(ctx context.Context, group string) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.LeaveGroup(ctx, group))
}

// MakeAdministrator gives a user all rights, by a binding of the user's own.
func (i *Installation) MakeAdministrator(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.MakeAdministrator(ctx, user))
}

// TakeRights takes that binding away.
func (i *Installation) TakeRights(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.TakeRights(ctx, user))
}

// GoOn waits until the session's open list has asked for the cluster's health.
func (s *Session) GoOn(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.GoOn(ctx))
}

// NewOddUser makes a user with an odd name, in groups with odd names and in these.
func (i *Installation) NewOddUser(ctx context.Context, groups ...string) installation.User {
	ginkgo.GinkgoHelper()
	user, err := i.in.NewOddUser(ctx, groups...)
	must(i.note, err)
	return user
}

// LoginBeside logs another user in, beside those who are there.
func (i *Installation) LoginBeside(ctx context.Context, user installation.User) *Session {
	ginkgo.GinkgoHelper()
	session, err := i.in.LoginBeside(ctx, user)
	must(i.note, err)
	return &Session{session: session, in: i}
}

// AskInterleaved has the users of several sessions send n requests each at the
// same time.
func (i *Installation) AskInterleaved(ctx context.Context, n int, sessions ...*Session) {
	ginkgo.GinkgoHelper()
	users := make([]*installation.Session, len(sessions))
	for k, session := range sessions {
		users[k] = session.session
	}
	must(i.note, i.in.AskInterleaved(ctx, n, users...))
}

// ForgeForwarded comes to the dashboard as another user, by what only the proxy
// before it may say, with the session and without one.
func (s *Session) ForgeForwarded(ctx context.Context, other installation.User) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.ForgeForwarded(ctx, other))
}

// NameAnothersStream asks for streams at the multiplexer by names that another session
// uses as well, and has a client without a session close one of those.
func (s *Session) NameAnothersStream(ctx context.Context, other *Session) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.NameAnothersStream(ctx, other.session))
}
