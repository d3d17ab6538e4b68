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
	ID:        "session/first-request-after-expiry",
	Level:     judge.Extended,
	Promise:   "A page that slept past its token's expiry is served from its first request on when it wakes, without a login.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"argoproj/argo-cd#27777"},
	Features:  []string{"refresh", "sleep"},
	Holds:     1,
	OnTheWire: true,
}, conformance.
	FailsOn(faults.OldTokenOnceMore, judge.Unauthorized).
	And(faults.ExpiredIsOver, judge.Unauthorized).
	And(faults.RefreshTooLate, judge.Unauthorized), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.OpenNamespaces(ctx)
	session.FreezePastExpiry(ctx)
	Expect(in.Observe(ctx)).To(BeServedAfterTheThaw())
})
