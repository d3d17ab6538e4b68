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
	ID:        "identity/no-fallback",
	Level:     judge.Core,
	Promise:   "What a user may not do stays forbidden: the dashboard never does it with rights of its own.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"threat: confused deputy"},
	Features:  []string{"attack"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.FallsBackToOwnAccount, judge.FellBack), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.AskForbidden(ctx)
	Expect(in.Observe(ctx)).To(StayForbidden())
})
