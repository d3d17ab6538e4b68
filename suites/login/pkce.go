package login

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "login/pkce",
	Level:    judge.Extended,
	Promise:  "With a client that requires PKCE with S256, the login works.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"pkce"},
	Setup: installation.Setup{
		Client: func(client map[string]any) {
			attributes, _ := client["attributes"].(map[string]any)
			if attributes == nil {
				attributes = map[string]any{}
			}
			attributes["pkce.code.challenge.method"] = "S256"
			client["attributes"] = attributes
		},
		Dashboard: func(settings *dashboard.Settings) { settings.PKCE = true },
	},
}, conformance.
	FailsOn(faults.ChallengeForgotten, judge.NotLoggedIn).
	And(faults.LoginTwice, judge.LoggedInAgain), func(ctx SpecContext, in *conformance.Installation) {
	in.Login(ctx, in.NewUser(ctx, "developers"))
	Expect(in.Observe(ctx)).To(HaveLoggedInOnce())
})
