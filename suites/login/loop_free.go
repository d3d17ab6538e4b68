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
	ID:       "login/loop-free",
	Level:    judge.Core,
	Promise:  "After the login the page is never sent back to the login or token page: while it is idle, after a reload, and on the way to a list and back.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"reload"},
}, conformance.
	FailsOn(faults.LoginLoop, judge.LeftThePage).
	And(faults.LoginTwice, judge.LoggedInAgain), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.Idle(ctx)
	session.Reload(ctx)
	session.VisitNamespaces(ctx)
	Expect(in.Observe(ctx)).To(NeverBeSentBackToLogin())
})
