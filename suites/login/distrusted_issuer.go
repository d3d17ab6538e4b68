package login

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "login/distrusted-issuer",
	Level:    judge.Core,
	Promise:  "Whoever logs in at a Keycloak that the API server does not know is refused once, and the page does not go round in circles.",
	Modes:    []conformance.Mode{conformance.Token},
	Sources:  []string{"mission", "kubernetes-sigs/headlamp#2848"},
	Features: []string{"loop"},
	Setup:    installation.Setup{RealmKind: realm.Undeclared},
}, conformance.
	FailsOn(faults.ReloginWhenRefused, judge.LoggedInAgain, judge.LoginStorm).
	And(faults.OwnAccountWhenRefused, judge.WrongIdentity).
	And(faults.LoginTwice, judge.LoggedInAgain), func(ctx SpecContext, in *conformance.Installation) {
	in.LoginInVain(ctx, in.NewUser(ctx, "developers"))
	Expect(in.Observe(ctx)).To(StopAtTheDistrust())
})
