package login

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "login/over-stale-cookie",
	Level:    judge.Core,
	Promise:  "With the expired session of an earlier installation in the browser, one login leads in, and the page is not sent back.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"cookie"},
	Setup:    installation.Setup{AboutCookie: true},
}, conformance.
	FailsOn(faults.StaleCookieWins, judge.NotLoggedIn).
	And(faults.LoginTwice, judge.LoggedInAgain), func(ctx SpecContext, in *conformance.Installation) {
	in.LeaveEarlierSession(ctx, 1)
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.AwaitHealthy(ctx, 0)
	Expect(in.Observe(ctx)).To(HaveEnteredOverTheEarlierSession())
})
