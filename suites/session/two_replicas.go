package session

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
	ID:       "session/two-replicas",
	Level:    judge.Extended,
	Promise:  "With two replicas an open page stays connected past several token expiries, whichever of them its requests reach.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#4134"},
	Features: []string{"refresh", "replicas"},
	Holds:    1,
	Setup:    installation.Setup{Replicas: 2},
}, conformance.
	FailsOn(faults.RefreshTokensInMemory, judge.NotRefreshed, judge.Unauthorized), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(BeServedAcrossReplicas())
	Expect(held).To(StayConnected(in.Expiries()))
})
