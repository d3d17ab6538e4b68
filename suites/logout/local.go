package logout

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "logout/local",
	Level:    judge.Core,
	Promise:  "After Log out the session's cookie is gone from the browser, and Back and a reload show nothing but the login.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"threat: the next person at the machine"},
	Features: []string{"logout"},
}, conformance.
	FailsOn(faults.LogoutOfThePageAlone, judge.CookieStays).
	And(faults.LogoutIgnored, judge.StillIn), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.RecordCookies(ctx)
	session.LogOut(ctx)
	session.RecordCookies(ctx)
	Expect(in.Observe(ctx)).To(KeepNoSessionCookie())
	session.BackAndReload(ctx)
	Expect(in.Observe(ctx)).To(OfferALoginAlone())
})
