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
	ID:       "session/watch-reconnect",
	Level:    judge.Extended,
	Promise:  "When the API server ends a watch after a refresh, the page opens it anew with the fresh token and goes on showing what is new.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#7534"},
	Features: []string{"refresh", "watch"},
	Holds:    1,
}, conformance.
	FailsOn(faults.WatchNeverReopened, judge.WatchNotReopened), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	Expect(session.HoldThroughCut(ctx)).To(ReopenTheWatch())
})
