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
	ID:       "login/wrong-password",
	Level:    judge.Extended,
	Promise:  "Whoever mistypes the password is told so by Keycloak's form, and gets in with the right one.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"popup"},
}, conformance.
	FailsOn(faults.LockedAfterMistake, judge.NotLoggedIn), func(ctx SpecContext, in *conformance.Installation) {
	in.LoginAtSecondTry(ctx, in.NewUser(ctx, "developers"))
	Expect(in.Observe(ctx)).To(HaveEnteredAtTheSecondTry())
})
