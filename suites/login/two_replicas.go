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
	ID:        "login/two-replicas",
	Level:     judge.Extended,
	Promise:   "With two replicas, a login that begins at the one and ends at the other leads to the cluster's overview.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"kubernetes-sigs/headlamp#4134"},
	Features:  []string{"replicas"},
	Setup:     installation.Setup{Replicas: 2},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.LoginStateInMemory, judge.NotLoggedIn), func(ctx SpecContext, in *conformance.Installation) {
	in.Login(ctx, in.NewUser(ctx, "developers"))
	seen := in.Observe(ctx)
	Expect(seen).To(HaveLoggedInAcrossReplicas())
	Expect(seen).To(HaveLoggedInOnce())
})
