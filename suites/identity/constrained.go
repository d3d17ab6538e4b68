package identity

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/rbac"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:        "identity/constrained",
	Level:     judge.Extended,
	Promise:   "Through an account that may impersonate users only to look, they see what they may see, and can delete nothing: it stays refused, and is done in no other way.",
	Modes:     []conformance.Mode{conformance.Proxy, conformance.Native},
	Sources:   []string{"kubernetes/enhancements#5284"},
	Features:  []string{"impersonation", "rights"},
	Setup:     installation.Setup{Account: rbac.LookingRole},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.RefusedDeletesAnsweredAsDone, judge.StillServed).
	And(faults.OwnTokenWhenRefused, judge.StillServed, judge.WrongCredential).
	And(faults.HeadersMissingOnDeletes, judge.ActsAsItself), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.DeleteInVain(ctx)
	session.Look(ctx)
	Expect(in.Observe(ctx)).To(BeImpersonatedOnlyToLook())
})
