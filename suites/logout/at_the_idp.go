package logout

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "logout/at-the-idp",
	Level:    judge.Extended,
	Promise:  "After Log out nobody gets in again without the password: Keycloak's session has ended too.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#2287", "kubernetes-sigs/headlamp#5991"},
	Features: []string{"logout"},
}, conformance.
	FailsOn(faults.LogoutWithoutProvider, judge.SessionLeft, judge.PasswordNotAsked), func(ctx SpecContext, in *conformance.Installation) {
	user := in.NewUser(ctx, "developers")
	session := in.Login(ctx, user)
	session.LogOut(ctx)
	session.SignInAgain(ctx, user)
	Expect(in.Observe(ctx)).To(AskForThePassword())
})
