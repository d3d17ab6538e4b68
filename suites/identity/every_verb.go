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
	ID:        "identity/every-verb",
	Level:     judge.Extended,
	Promise:   "Whether a user lists, reads, makes, removes or watches something, asks what the cluster has, opens a terminal or follows a log: the API server knows the same user, with the same groups.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"kubernetes-sigs/headlamp#3401"},
	Features:  []string{"groups", "terminal"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.HeadersMissingOnTerminals, judge.NotImpersonated).
	And(faults.LogsWithoutCredential, judge.WrongCredential).
	And(faults.OwnAccountForDiscovery, judge.WrongIdentity).
	And(faults.HeadersMissingOnDeletes, judge.NotImpersonated).
	And(faults.HeadersMissingOnWebSockets, judge.NotImpersonated).
	And(faults.GroupDropped, judge.WrongIdentity), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers", "cluster-admins"))
	session.Discover(ctx)
	session.UseEveryVerb(ctx)
	session.OpenStreams(ctx)
	seen := in.Observe(ctx)
	Expect(seen).To(BeTheSameUserOnEveryVerb())
	Expect(seen).To(AgreeRequestByRequest())
})
