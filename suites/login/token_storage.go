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
	ID:       "login/token-storage",
	Level:    judge.Core,
	Promise:  "After the login no token is where a script of the page can read it, and its cookie is guarded.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"cookie"},
}, conformance.
	FailsOn(faults.CookieWithoutHTTPOnly, judge.CookieUnguarded).
	And(faults.CookieWithoutSecure, judge.CookieUnguarded).
	And(faults.CookieWithoutSameSite, judge.CookieUnguarded).
	And(faults.TokenInConsole, judge.TokenReadable).
	And(faults.TokenInURL, judge.TokenReadable).
	And(faults.TokenInLocalStorage, judge.TokenReadable).
	And(faults.TokenInHTML, judge.TokenReadable), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.SearchForTokens(ctx)
	seen := in.Observe(ctx)
	Expect(seen).To(HideTheToken())
	Expect(seen).To(GuardTheCookie())
})
