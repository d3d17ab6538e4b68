package login

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "login/popup",
	Level:    judge.Core,
	Promise:  "In a fresh browser, Sign In and Keycloak's form lead to the cluster's overview with one login.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"popup"},
}, conformance.
	FailsOn(faults.IssuerCAWithheld, judge.NotLoggedIn).
	And(faults.PopupNeverCloses, judge.NotLoggedIn).
	And(faults.LoginNeverLands, judge.NotLoggedIn).
	And(faults.NeverAnswers, judge.NotLoggedIn).
	And(faults.AnswersGarbage, judge.NotLoggedIn).
	And(faults.CrashesAtLogin, judge.NotLoggedIn, judge.Crashed).
	And(faults.RedirectsForEver, judge.NotLoggedIn).
	And(faults.FillsTheLog, judge.NotLoggedIn).
	And(faults.LoginTwice, judge.LoggedInAgain).
	And(faults.RedirectURINotRegistered, judge.NotLoggedIn).
	And(faults.AnotherClientSecret, judge.NotLoggedIn).
	And(faults.ScopeUnknown, judge.NotLoggedIn).
	And(faults.APIServerWithoutOIDC, judge.NotLoggedIn).
	And(faults.APIServerWithoutAuthority, judge.NotLoggedIn).
	And(faults.IssuerWithSlash, judge.NotLoggedIn).
	And(faults.DashboardClockAhead, judge.NotLoggedIn).
	And(faults.AnotherClient, judge.NotLoggedIn).
	And(faults.ClientUnknown, judge.NotLoggedIn).
	And(faults.IssuerOfAnotherHost, judge.NotLoggedIn).
	And(faults.IssuerBlocked, judge.NotLoggedIn).
	And(faults.ForwardedProtoMissing, judge.NotLoggedIn).
	And(faults.CookiesLostOnTheWay, judge.NotLoggedIn), func(ctx SpecContext, in *conformance.Installation) {
	in.Login(ctx, in.NewUser(ctx, "developers"))
	Expect(in.Observe(ctx)).To(HaveLoggedInOnce())
})
