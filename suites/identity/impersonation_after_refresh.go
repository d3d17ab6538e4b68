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
	ID:        "identity/impersonation-after-refresh",
	Level:     judge.Extended,
	SetupIn:   []conformance.Mode{conformance.Proxy},
	Promise:   "Past several token expiries every request still impersonates exactly the user and each of the user's groups.",
	Modes:     []conformance.Mode{conformance.Proxy, conformance.Native},
	Sources:   []string{"mission", "kubernetes-sigs/headlamp#4198"},
	Features:  []string{"impersonation", "groups", "refresh"},
	Holds:     1,
	OnTheWire: true,
}, conformance.
	FailsOn(faults.GroupDroppedAfterRefresh, judge.WrongIdentity).
	And(faults.WrongUserNowAndThen, judge.WrongIdentity).
	And(faults.HeadersMissingNowAndThen, judge.NotImpersonated).
	And(faults.GroupDropped, judge.WrongIdentity).
	And(faults.GroupAdded, judge.WrongIdentity).
	And(faults.HeadersMissingOnWebSockets, judge.NotImpersonated).
	And(faults.HeadersMissingOnDeletes, judge.NotImpersonated).
	And(faults.BearerBesideHeaders, judge.WrongCredential), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers", "cluster-admins"))
	session.Hold(ctx, in.Expiries())
	session.UseEveryVerb(ctx)
	held := in.Observe(ctx)
	Expect(held).To(BeServedAroundExpiry(in.Expiries()))
	Expect(held).To(ImpersonateOnEveryRequest())
	Expect(held).To(AgreeRequestByRequest())
})
