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
	ID:       "session/refused-after-end",
	Level:    judge.Core,
	Promise:  "When an administrator has ended the session, nothing of the user's is served once the last token has expired.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#7535", "kubernetes-sigs/headlamp#4789"},
	Features: []string{"revocation"},
	Holds:    1,
}, conformance.
	FailsOn(faults.AnswersKeptAfterEnd, judge.StillServed).
	And(faults.OwnAccountAfterEnd, judge.StillServed).
	And(faults.TokenStorm, judge.TokenStorm), func(ctx SpecContext, in *conformance.Installation) {
	user := in.NewUser(ctx, "developers")
	session := in.Login(ctx, user)
	session.OpenNamespaces(ctx)
	in.EndSessions(ctx, user)
	session.OutliveTokens(ctx)
	Expect(in.Observe(ctx)).To(BeRefusedAfterTheEnd())
})
