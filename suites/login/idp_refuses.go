package login

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

// offline is the scope of refresh tokens that outlive the session.
const offline = "offline_access"

var _ = conformance.Scenario(conformance.Entry{
	ID:       "login/idp-refuses",
	Level:    judge.Extended,
	Promise:  "When Keycloak refuses the dashboard a scope, or a user the role for it, the login's window says so in words, and the page offers to sign in.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"offline"},
	Setup: installation.Setup{Dashboard: func(settings *dashboard.Settings) {
		settings.Scopes = append(slices.Clone(settings.Scopes), offline)
	}},
}, conformance.
	FailsOn(faults.RefusalUnsaid, judge.NotTold).
	And(faults.TraceAtCallback, judge.TraceShown), func(ctx SpecContext, in *conformance.Installation) {
	in.BeRefused(ctx, in.NewUser(ctx, "developers"), offline)
	Expect(in.Observe(ctx)).To(SayWhyItRefuses())
})
