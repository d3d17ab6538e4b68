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
	ID:       "session/split-issuer",
	Level:    judge.Extended,
	Promise:  "Where the dashboard discovers Keycloak at another address than tokens name as their issuer, an open page stays connected past several token expiries.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#5365"},
	Features: []string{"refresh", "issuer"},
	Holds:    1,
	Setup:    installation.Setup{SplitIssuer: true},
}, conformance.
	FailsOn(faults.RefreshWithoutTokenIssuer, judge.NotRefreshed, judge.Unauthorized), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(HaveDiscoveredElsewhere())
	Expect(held).To(StayConnected(in.Expiries()))
})
