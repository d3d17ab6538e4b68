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
	ID:       "logout/other-tabs",
	Level:    judge.Extended,
	Promise:  "After Log out in one tab, the others show the login page too.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"threat: the next person at the machine"},
	Features: []string{"logout", "tabs"},
}, conformance.
	FailsOn(faults.LogoutInOneTab, judge.LoginNotOffered), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	other := session.OpenTab(ctx)
	session.LogOut(ctx)
	other.AwaitLoginInOtherTab(ctx)
	Expect(in.Observe(ctx)).To(BeFollowedByTheOtherTab())
})
