package login

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "login/code-lost",
	Level:    judge.Extended,
	Promise:  "Whoever is at Keycloak's form while the dashboard restarts gets in, at once or at the second try after being told in words.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"restart"},
}, conformance.
	FailsOn(faults.LoginsForgotten, judge.NotTold), func(ctx SpecContext, in *conformance.Installation) {
	in.LoginAcrossRestart(ctx, in.NewUser(ctx, "developers"))
	Expect(in.Observe(ctx)).To(HaveEnteredAcrossTheRestart())
})
