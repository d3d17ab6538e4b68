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
	ID:        "session/user-disabled",
	Level:     judge.Core,
	Promise:   "When an administrator has disabled the user, nothing of the user's is served once the last token has expired, and the identity provider is not asked all the time.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"kubernetes-sigs/headlamp#7535"},
	Features:  []string{"revocation"},
	Holds:     1,
	OnTheWire: true,
}, conformance.
	FailsOn(faults.AnswersKeptAfterEnd, judge.StillServed).
	And(faults.OwnAccountAfterEnd, judge.StillServed).
	And(faults.TokenStorm, judge.TokenStorm), func(ctx SpecContext, in *conformance.Installation) {
	user := in.NewUser(ctx, "developers")
	session := in.Login(ctx, user)
	session.OpenNamespaces(ctx)
	in.DisableUser(ctx, user)
	session.OutliveTokens(ctx)
	Expect(in.Observe(ctx)).To(BeRefusedAfterTheEnd())
})
