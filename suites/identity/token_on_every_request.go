package identity

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:        "identity/token-on-every-request",
	Level:     judge.Core,
	Promise:   "Every request to the API server carries the user's own unexpired token, to the end of the hold, and no request is seen by one witness alone.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy},
	Sources:   []string{"mission"},
	Features:  []string{"refresh"},
	Holds:     1,
	OnTheWire: true,
}, conformance.
	FailsOn(faults.OneInTwelveAnonymous, judge.WrongCredential).
	And(faults.OwnAccountNowAndThen, judge.WrongCredential).
	And(faults.ExpiredTokenOnce, judge.ExpiredToken).
	And(faults.RefreshNever, judge.ExpiredToken).
	And(faults.RefreshTooLate, judge.ExpiredToken), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(CarryTheUsersOwnToken())
	Expect(held).To(AgreeRequestByRequest())
})
