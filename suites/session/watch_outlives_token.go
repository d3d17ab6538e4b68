package session

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "session/watch-outlives-token",
	Level:    judge.Extended,
	Promise:  "After each token expiry, what is new in the cluster appears in an open list without a reload.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"refresh", "watch"},
	Holds:    1,
}, conformance.
	FailsOn(faults.StaleWatch, judge.PageNotAlive).
	And(faults.SilentRelogin, judge.LeftThePage), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(ShowWhatIsNew(in.Expiries()))
})
