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
	ID:        "identity/service-account-unused",
	Level:     judge.Core,
	Promise:   "While a user acts, nothing is asked of the cluster with the dashboard's own account, which may impersonate the user and do nothing itself.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"threat: confused deputy"},
	Features:  []string{"attack"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.OwnAccountForDiscovery, judge.ActsAsItself).
	And(faults.FallsBackToOwnAccount, judge.ActsAsItself).
	And(faults.HeadersMissingOnWebSockets, judge.ActsAsItself).
	And(faults.HeadersMissingOnDeletes, judge.ActsAsItself), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.AskWhoIAm(ctx)
	session.Discover(ctx)
	session.UseEveryVerb(ctx)
	session.AskForbidden(ctx)
	Expect(in.Observe(ctx)).To(LeaveTheAccountAlone())
})
