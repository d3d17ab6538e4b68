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

const (
	// bursts is how many times a refresh is met by many requests at once.
	bursts = 3
	// atOnce is how many those are: more than a browser's page has connections.
	atOnce = 20
)

// rotatingRefreshTokens has Keycloak give a new refresh token with each refresh,
// and refuse the former one.
func rotatingRefreshTokens(realm map[string]any) {
	realm["revokeRefreshToken"] = true
	realm["refreshTokenMaxReuse"] = 0
}

var _ = conformance.Scenario(conformance.Entry{
	ID:        "session/refresh-rotation",
	Level:     judge.Extended,
	Promise:   "Where a refresh token may be used once, a session survives many requests that come at once when its token has to be renewed.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"kubernetes-sigs/headlamp#6793"},
	Features:  []string{"refresh", "concurrency"},
	Holds:     1,
	Setup:     installation.Setup{Realm: rotatingRefreshTokens},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.RefreshesEachRequest, judge.RefreshRefused).
	And(faults.NoSingleFlight, judge.RefreshRefused), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.AskAtOnce(ctx, bursts, atOnce)
	Expect(in.Observe(ctx)).To(ShareTheRefresh(bursts))
	in.SurvivedSurely()
})
