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
	ID:       "session/realm-reimported",
	Level:    judge.Extended,
	Promise:  "When Keycloak's realm is imported anew, with overwrite, an open page asks for one login and is alive then: it is never left dead.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission", "kubernetes-sigs/headlamp#7535"},
	Features: []string{"refresh", "realm"},
	Holds:    1,
}, conformance.
	FailsOn(faults.PageStaysAfter401, judge.NotServed, judge.LoginNotOffered).
	And(faults.LoginTwice, judge.LoggedInAgain), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.HoldThroughReimport(ctx)
	Expect(held).To(BeUsableAfterTheImport())
})
