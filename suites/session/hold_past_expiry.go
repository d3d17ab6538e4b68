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
	ID:       "session/hold-past-expiry",
	Level:    judge.Core,
	Promise:  "An open page stays connected past several token expiries, without another login.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission", "kubernetes-sigs/headlamp#1587", "kubernetes-sigs/headlamp#3143", "kubernetes-sigs/headlamp#3918"},
	Features: []string{"refresh"},
	Holds:    1,
}, conformance.FailsOn(faults.RefreshNever, judge.NotRefreshed, judge.Unauthorized), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(StayConnected(in.Expiries()))
})
