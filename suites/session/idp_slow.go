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
	ID:       "session/idp-slow",
	Level:    judge.Extended,
	Promise:  "When Keycloak takes five seconds to answer a refresh, an open page stays connected past several token expiries, and no request fails.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"refresh", "outage"},
	Holds:    1,
	Setup:    installation.Setup{Relayed: true},
}, conformance.
	FailsOn(faults.GivesUpOnSlowAnswers, judge.Unauthorized, judge.LeftThePage), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.HoldWhileSlow(ctx, in.Expiries())
	Expect(held).To(StayConnected(in.Expiries()))
	Expect(held).To(WaitForSlowAnswers())
})
