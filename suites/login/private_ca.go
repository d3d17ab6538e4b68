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
	ID:       "login/private-ca",
	Level:    judge.Core,
	Promise:  "Keycloak's certificate is vouched for by a private authority that the dashboard was given, and the login works.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission", "kubernetes-sigs/headlamp#4246"},
	Features: []string{"private-ca"},
}, conformance.
	FailsOn(faults.IssuerCAWithheld, judge.NotLoggedIn).
	And(faults.LoginTwice, judge.LoggedInAgain), func(ctx SpecContext, in *conformance.Installation) {
	in.Login(ctx, in.NewUser(ctx, "developers")).AwaitToken(ctx)
	seen := in.Observe(ctx)
	Expect(seen).To(TrustThePrivateIssuer())
	Expect(seen).To(HaveLoggedInOnce())
})
