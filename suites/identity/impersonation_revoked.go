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
	ID:        "identity/impersonation-revoked",
	Level:     judge.Extended,
	Promise:   "When the permission to impersonate is taken away in mid-session, everything is refused from then on: nothing goes out as the account itself, or with the user's token.",
	Modes:     []conformance.Mode{conformance.Proxy, conformance.Native},
	Sources:   []string{"threat: confused deputy"},
	Features:  []string{"impersonation", "rights"},
	Setup:     installation.Setup{Account: rbac.ImpersonatingRole},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.AnswersKeptWhenForbidden, judge.StillServed).
	And(faults.FallsBackToOwnAccount, judge.ActsAsItself).
	And(faults.OwnTokenWhenRefused, judge.StillServed, judge.WrongCredential), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.OpenNamespaces(ctx)
	session.Look(ctx)
	in.TakeImpersonation(ctx)
	session.Look(ctx)
	session.AskForbidden(ctx)
	session.GoOn(ctx)
	Expect(in.Observe(ctx)).To(RefuseWithoutImpersonation())
})
