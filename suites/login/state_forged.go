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
	ID:        "login/state-forged",
	Level:     judge.Core,
	Promise:   "Whoever comes back from Keycloak with a forged state, without a state or a code, or with a used callback gets no session and sees no stack trace.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"mission"},
	Features:  []string{"callback"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.StateUnchecked, judge.ForgedLogin).
	And(faults.TraceAtCallback, judge.TraceShown), func(ctx SpecContext, in *conformance.Installation) {
	in.ForgeCallbacks(ctx, in.NewUser(ctx, "developers"))
	Expect(in.Observe(ctx)).To(RefuseForgedCallbacks())
})
