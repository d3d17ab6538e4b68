package session

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

// Extended, for no release keeps it: the catalogue has it as a part of
// session/refused-after-end, which would then be core and kept by nobody.
var _ = conformance.Scenario(conformance.Entry{
	ID:       "session/login-after-end",
	Level:    judge.Extended,
	Promise:  "When an administrator has ended the session, the page asks for a login, and is no dead page.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#7535", "kubernetes-sigs/headlamp#4789"},
	Features: []string{"revocation"},
	Holds:    1,
}, conformance.
	FailsOn(faults.PageStaysAfter401, judge.LoginNotOffered), func(ctx SpecContext, in *conformance.Installation) {
	user := in.NewUser(ctx, "developers")
	session := in.Login(ctx, user)
	session.OpenNamespaces(ctx)
	in.EndSessions(ctx, user)
	session.OutliveTokens(ctx)
	session.AwaitLoginPage(ctx)
	Expect(in.Observe(ctx)).To(AskForALogin())
})
