package session

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "session/restart",
	Level:    judge.Extended,
	Promise:  "When the dashboard is restarted, an open page is alive past the next expiry, or asks for one login and is alive then: it is never left dead.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission", "kubernetes-sigs/headlamp#4134"},
	Features: []string{"refresh", "restart"},
	Holds:    1,
}, conformance.
	FailsOn(faults.DeadAfterRestart, judge.LostConnection, judge.NotServed), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.HoldThroughRestart(ctx)
	Expect(held).To(BeUsableAfterTheRestart())
})
