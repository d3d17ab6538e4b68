package session

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "session/access-token",
	Level:    judge.Extended,
	Promise:  "A dashboard that was told to use access tokens sends the API server nothing else, and an open page stays connected past several token expiries.",
	Modes:    []conformance.Mode{conformance.Token},
	Sources:  []string{"mission"},
	Features: []string{"refresh", "access-token"},
	Holds:    1,
	Setup: installation.Setup{
		Client:    keycloak.WithOwnAudience,
		Dashboard: func(settings *dashboard.Settings) { settings.UseAccessToken = true },
	},
}, conformance.
	FailsOn(faults.IDTokenInstead, judge.WrongCredential), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(SendAccessTokensAlone())
	Expect(held).To(StayConnected(in.Expiries()))
})
