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
	ID:       "session/laptop-sleep",
	Level:    judge.Extended,
	Promise:  "A page that was offline for two lifetimes of its token, as on a laptop that sleeps, goes on without a login when it is online again.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"refresh", "sleep"},
	Holds:    2,
}, conformance.
	FailsOn(faults.ExpiredIsOver, judge.LeftThePage, judge.PageNotAlive).
	And(faults.OldTokenOnceMore, judge.LeftThePage), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.OpenNamespaces(ctx)
	session.SleepOffline(ctx)
	Expect(in.Observe(ctx)).To(RecoverOnline())
})
