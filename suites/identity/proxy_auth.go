package identity

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
	ID:        "identity/proxy-auth",
	Level:     judge.Extended,
	Promise:   "Behind a proxy that logs users in, the user is the one whom the proxy names, whatever a client says in the proxy's headers itself.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"kubernetes-sigs/headlamp#2207", "threat: forged headers"},
	Features:  []string{"identity-proxy", "attack"},
	Setup:     installation.Setup{IdentityProxy: true},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.ReachablePastProxy, judge.WrongIdentity, judge.Escalated).
	And(faults.CookieBeatsProxy, judge.WrongIdentity), func(ctx SpecContext, in *conformance.Installation) {
	other := in.NewUser(ctx, "developers", "cluster-admins")
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.ForgeForwarded(ctx, other)
	Expect(in.Observe(ctx)).To(BeWhoTheProxySays())
})
