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
	ID:       "login/large-token",
	Level:    judge.Extended,
	Promise:  "Who is in so many groups that the token has more than 8 KB stays logged in past an expiry, and after leaving them the browser keeps no piece of that token.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"cookie", "large-session", "refresh"},
	Holds:    1,
	Setup:    installation.Setup{AboutCookie: true},
}, conformance.
	FailsOn(faults.OldChunksStay, judge.StaleChunk).
	And(faults.CookieInOnePiece, judge.NotLoggedIn).
	And(faults.HeadersLimitedOnTheWay, judge.NotLoggedIn), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUserInMany(ctx, 60, "developers"))
	session.RecordCookies(ctx)
	Expect(session.Hold(ctx, 1)).To(BeServedAroundExpiry(1))
	session.TakeGroups(ctx)
	session.RecordCookies(ctx)
	Expect(in.Observe(ctx)).To(KeepWholeTokens())
})
