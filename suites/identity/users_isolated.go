package identity

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

// ofEachUser is how many requests each of the three users sends: 2100 in all.
const ofEachUser = 700

var _ = conformance.Scenario(conformance.Entry{
	ID:        "identity/users-isolated",
	Level:     judge.Core,
	Promise:   "Of 2100 requests that three users send at the same time, none is made as another user, and none is given another user's answer.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"threat: mix-up"},
	Features:  []string{"load"},
	Holds:     1,
	OnTheWire: true,
}, conformance.
	FailsOn(faults.UserOfTheRequestBefore, judge.UsersMixed).
	And(faults.WrongUserNowAndThen, judge.UsersMixed), func(ctx SpecContext, in *conformance.Installation) {
	in.AskInterleaved(ctx, ofEachUser,
		in.Login(ctx, in.NewUser(ctx, "developers")),
		in.LoginBeside(ctx, in.NewUser(ctx, "developers")),
		in.LoginBeside(ctx, in.NewUser(ctx, "developers", "cluster-admins")))
	Expect(in.Observe(ctx)).To(KeepUsersApart(ofEachUser))
})
