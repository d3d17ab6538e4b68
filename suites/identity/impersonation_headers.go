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
	ID:        "identity/impersonation-headers",
	Level:     judge.Extended,
	SetupIn:   []conformance.Mode{conformance.Proxy},
	Promise:   "Every request impersonates exactly the user and each of the user's groups, and never carries the user's own token.",
	Modes:     []conformance.Mode{conformance.Proxy, conformance.Native},
	Sources:   []string{"mission", "kubernetes-sigs/headlamp#4198", "kubernetes-sigs/headlamp#7646"},
	Features:  []string{"impersonation", "groups"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.GroupDropped, judge.WrongIdentity).
	And(faults.GroupAdded, judge.WrongIdentity).
	And(faults.HeadersMissingOnWebSockets, judge.NotImpersonated).
	And(faults.HeadersMissingOnDeletes, judge.NotImpersonated).
	And(faults.BearerBesideHeaders, judge.WrongCredential).
	And(faults.AccountMayNotImpersonate, judge.NotLoggedIn), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers", "cluster-admins"))
	session.UseEveryVerb(ctx)
	seen := in.Observe(ctx)
	Expect(seen).To(ImpersonateOnEveryRequest())
	Expect(seen).To(AgreeRequestByRequest())
})
