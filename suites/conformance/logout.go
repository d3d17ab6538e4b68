package conformance

import (
	"context"

	"github.com/onsi/ginkgo/v2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
)

// LogOut logs out by the user menu, and waits until a login is offered.
func (s *Session) LogOut(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.LogOut(ctx))
}

// LogOutInMidRenewal logs out by the user menu in the midst of n requests of the page
// that renew the session, and looks at what the browser has afterwards.
func (s *Session) LogOutInMidRenewal(ctx context.Context, n int) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.LogOutInMidRenewal(ctx, n))
}

// BackAndReload presses Back and then reloads the page: after a logout each has to
// lead to the login.
func (s *Session) BackAndReload(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.BackAndReload(ctx))
}

// RecordCookies notes the cookies that the browser keeps.
func (s *Session) RecordCookies(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.RecordCookies(ctx))
}

// SignInAgain clicks Sign In after a logout, and notes whether Keycloak asks for
// the password.
func (s *Session) SignInAgain(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.SignInAgain(ctx, user))
}

// Copy is a session's cookies in somebody else's hands.
type Copy struct {
	copied *installation.Copy
	in     *Installation
}

// CopyCookies copies the session's cookies out of the browser.
func (s *Session) CopyCookies(ctx context.Context) *Copy {
	ginkgo.GinkgoHelper()
	copied, err := s.session.CopyCookies(ctx)
	must(s.in.note, err)
	return &Copy{copied: copied, in: s.in}
}

// UsePastExpiry uses the copy until everything that it held is worthless.
func (c *Copy) UsePastExpiry(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(c.in.note, c.copied.UsePastExpiry(ctx))
}

// OpenTab opens the dashboard in another tab of the same browser.
func (s *Session) OpenTab(ctx context.Context) *Session {
	ginkgo.GinkgoHelper()
	opened, err := s.session.OpenTab(ctx)
	must(s.in.note, err)
	return &Session{session: opened, in: s.in}
}

// AwaitLoginInOtherTab waits, after a logout, until the other tab asks for a login,
// as long as it may take.
func (s *Session) AwaitLoginInOtherTab(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.AwaitLoginInOtherTab(ctx))
}
