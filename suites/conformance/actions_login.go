package conformance

import (
	"context"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
)

// LeaveEarlierSession puts into the browser what an earlier installation left
// there: an expired session, in so many cookies.
func (i *Installation) LeaveEarlierSession(ctx context.Context, cookies int) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.LeaveEarlierSession(ctx, cookies))
}

// LoginAtSecondTry logs a user in who gives a wrong password first.
func (i *Installation) LoginAtSecondTry(ctx context.Context, user installation.User) *Session {
	ginkgo.GinkgoHelper()
	session, err := i.in.LoginAtSecondTry(ctx, user)
	must(i.note, err)
	return &Session{session: session, in: i}
}

// LoginFrom opens a path of the dashboard without a session, and logs a user in.
// Text is what the page at that path shows.
func (i *Installation) LoginFrom(ctx context.Context, user installation.User, path, text string) *Session {
	ginkgo.GinkgoHelper()
	session, err := i.in.LoginFrom(ctx, user, path, text)
	must(i.note, err)
	return &Session{session: session, in: i}
}

// LoginAcrossRestart logs a user in who is at Keycloak's form while the dashboard
// restarts, at the second try if need be.
func (i *Installation) LoginAcrossRestart(ctx context.Context, user installation.User) *Session {
	ginkgo.GinkgoHelper()
	session, err := i.in.LoginAcrossRestart(ctx, user)
	must(i.note, err)
	return &Session{session: session, in: i}
}

// LoginInVain logs a user in whom the API server does not know, and watches what
// the page makes of it.
func (i *Installation) LoginInVain(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.LoginInVain(ctx, user))
}

// BeRefused has Keycloak refuse a user for want of a scope, and then of a role.
func (i *Installation) BeRefused(ctx context.Context, user installation.User, scope string) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.BeRefused(ctx, user, scope))
}

// ForgeCallbacks has browsers come back from Keycloak as no honest one does.
func (i *Installation) ForgeCallbacks(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.ForgeCallbacks(ctx, user))
}

// OfferForeignCallback has a browser come back from Keycloak with what another one
// was given.
func (i *Installation) OfferForeignCallback(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.OfferForeignCallback(ctx, user))
}

// NewUserInMany makes a user who is in these groups and in so many more.
func (i *Installation) NewUserInMany(ctx context.Context, more int, groups ...string) installation.User {
	ginkgo.GinkgoHelper()
	user, err := i.in.NewUserInMany(ctx, more, groups...)
	must(i.note, err)
	return user
}

// TakeGroups takes the many groups from the user, and waits for a token without
// them.
func (s *Session) TakeGroups(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.TakeGroups(ctx))
}

// AwaitHealthy waits until the page was told twice, some time apart, that the
// cluster is healthy, or asks for a login.
func (s *Session) AwaitHealthy(ctx context.Context, later time.Duration) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.AwaitHealthy(ctx, later))
}
