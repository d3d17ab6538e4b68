package session

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

// tabs is how many tabs a person has open.
const tabs = 5

var _ = conformance.Scenario(conformance.Entry{
	ID:       "session/many-tabs",
	Level:    judge.Core,
	Promise:  "Five tabs of one user stay connected past several token expiries, after one login in the first.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#6793"},
	Features: []string{"refresh", "tabs"},
	Holds:    2,
}, conformance.
	FailsOn(faults.TabsEndEachOther, judge.LeftThePage), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.HoldTabs(ctx, tabs, in.Expiries())
	Expect(held).To(StayConnected(in.Expiries()))
})
