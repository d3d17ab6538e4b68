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
	ID:       "session/idp-outage",
	Level:    judge.Extended,
	Promise:  "When the dashboard cannot reach Keycloak for a refresh, and can again before the token expires, an open page stays connected without another login.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"refresh", "outage"},
	Holds:    1,
	Setup:    installation.Setup{Relayed: true},
}, conformance.
	FailsOn(faults.OutageEndsSession, judge.Unauthorized, judge.LeftThePage), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.HoldThroughOutage(ctx, in.Expiries())
	Expect(held).To(StayConnected(in.Expiries()))
	Expect(held).To(BridgeTheOutage())
})
