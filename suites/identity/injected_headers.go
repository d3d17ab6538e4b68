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
	ID:        "identity/injected-headers",
	Level:     judge.Core,
	Promise:   "A request that claims another identity by headers of its own gets no more than the user's own rights.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"threat: privilege escalation"},
	Features:  []string{"impersonation", "attack"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.InjectedHeadersPass, judge.Escalated), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.AskWhoIAm(ctx)
	session.ForgeIdentities(ctx)
	Expect(in.Observe(ctx)).To(RefuseForgedIdentities())
})
