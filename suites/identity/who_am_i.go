package identity

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:        "identity/who-am-i",
	Level:     judge.Core,
	Promise:   "The API server knows the user under exactly the name and the groups that Keycloak has.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"mission"},
	Features:  []string{"groups"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.GroupsClaimMissing, judge.WrongIdentity).
	And(faults.GroupsWithPath, judge.WrongIdentity).
	And(faults.GroupDropped, judge.WrongIdentity).
	And(faults.GroupAdded, judge.WrongIdentity).
	And(faults.APIServerWithIssuerPrefix, judge.WrongIdentity), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers", "cluster-admins"))
	session.AskWhoIAm(ctx)
	Expect(in.Observe(ctx)).To(BeKnownExactly())
})
