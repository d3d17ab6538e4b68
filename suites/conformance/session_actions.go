package conformance

import (
	"context"

	"github.com/onsi/ginkgo/v2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
)

// EndSessions ends all sessions of a user at Keycloak, as an administrator does.
func (i *Installation) EndSessions(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.EndSessions(ctx, user))
}

// EndSSOSession ends the user's single sign-on session at Keycloak, and leaves an
// offline one alone.
func (i *Installation) EndSSOSession(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.EndSSOSession(ctx, user))
}

// DisableUser disables a user at Keycloak, as an administrator does.
func (i *Installation) DisableUser(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.DisableUser(ctx, user))
}

// RotateKeys has Keycloak sign with a new key from now on. Its former keys stay
// good for what they have signed.
func (i *Installation) RotateKeys(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.RotateKeys(ctx))
}

// OpenNamespaces opens the list of namespaces, and leaves it open.
func (s *Session) OpenNamespaces(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.OpenNamespaces(ctx))
}

// OutliveTokens waits until no token is good any more that the session had when it
// was ended, and then asks for something in its name.
func (s *Session) OutliveTokens(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.OutliveTokens(ctx))
}

// Try asks for something with whatever the session still has.
func (s *Session) Try(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.Try(ctx))
}

// AwaitLoginPage waits until the page asks for a login, as long as it may take.
func (s *Session) AwaitLoginPage(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.AwaitLoginPage(ctx))
}

// AwaitRefusal waits until the dashboard answers 401, as long as it may take.
func (s *Session) AwaitRefusal(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.AwaitRefusal(ctx))
}

// AskAtOnce sends n requests at once as soon as a token has to be renewed, a
// number of times.
func (s *Session) AskAtOnce(ctx context.Context, times, n int) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.AskAtOnce(ctx, times, n))
}

// SendFormerCookie sends a request with the session's former cookies, as soon as
// the dashboard has renewed them.
func (s *Session) SendFormerCookie(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.SendFormerCookie(ctx))
}

// FreezePastExpiry freezes the page until its token is good for nothing any more,
// and lets it go on.
func (s *Session) FreezePastExpiry(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.FreezePastExpiry(ctx))
}

// SleepOffline takes the page's network away for two lifetimes of a token, and
// gives it back.
func (s *Session) SleepOffline(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.SleepOffline(ctx))
}

// HoldTabs is Hold with several tabs of one browser and one session.
func (s *Session) HoldTabs(ctx context.Context, tabs, expiries int) installation.Observation {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.HoldTabs(ctx, tabs, expiries))
	return s.in.Observe(ctx)
}

// SurvivedSurely says of a scenario that has passed that it shows nothing where
// Keycloak might not have refused a refresh token that was used twice at once.
func (i *Installation) SurvivedSurely() {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.ReuseIsRefused())
}
