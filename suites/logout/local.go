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
	Promise:  "After Log out the session's cookie is gone, Back and a reload show nothing but the login, and a copy of the cookie is worthless once its token has expired.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#7535"},
	Features: []string{"logout"},
	Holds:    1,
}, conformance.
	FailsOn(faults.LogoutOfThePageAlone, judge.CookieStays).
	And(faults.LogoutWithoutProvider, judge.LingeringAccess).
	And(faults.LogoutIgnored, judge.StillIn), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.RecordCookies(ctx)
	stolen := session.CopyCookies(ctx)
	session.LogOut(ctx)
	session.RecordCookies(ctx)
	Expect(in.Observe(ctx)).To(KeepNoSessionCookie())
	session.BackAndReload(ctx)
	stolen.UsePastExpiry(ctx)
	seen := in.Observe(ctx)
	Expect(seen).To(OfferALoginAlone())
	Expect(seen).To(RefuseTheCopy())
})
