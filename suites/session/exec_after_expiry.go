package session

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

// expiriesBeforeTerminal are enough for the token of the login, and the one after
// it, to be no good any more.
const expiriesBeforeTerminal = 2

var _ = conformance.Scenario(conformance.Entry{
	ID:        "session/exec-after-expiry",
	Level:     judge.Extended,
	Promise:   "A terminal and a log stream that are opened after two token expiries work, and are the user's own.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"kubernetes-sigs/headlamp#3401", "kubernetes-sigs/headlamp#1324"},
	Features:  []string{"refresh", "terminal"},
	Holds:     1,
	OnTheWire: true,
}, conformance.
	FailsOn(faults.TerminalsKeepLoginToken, judge.StreamFailed, judge.ExpiredToken).
	And(faults.LogsWithoutCredential, judge.StreamFailed, judge.WrongCredential).
	And(faults.HeadersMissingOnTerminals, judge.StreamFailed, judge.NotImpersonated), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.Hold(ctx, expiriesBeforeTerminal)
	session.OpenStreams(ctx)
	Expect(in.Observe(ctx)).To(OpenStreamsAfter(expiriesBeforeTerminal))
})
