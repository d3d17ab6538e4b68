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
	ID:        "identity/rbac-revoked",
	Level:     judge.Extended,
	Promise:   "When a right is taken away in mid-session, what it allowed is forbidden from then on, and the session goes on.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"threat: lingering access"},
	Features:  []string{"rights"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.AnswersKeptWhenForbidden, judge.StillServed).
	And(faults.ForbiddenIsOver, judge.StillServed, judge.SessionDropped), func(ctx SpecContext, in *conformance.Installation) {
	user := in.NewUser(ctx, "developers")
	in.MakeAdministrator(ctx, user)
	session := in.Login(ctx, user)
	session.OpenNamespaces(ctx)
	session.AskForbidden(ctx)
	in.TakeRights(ctx, user)
	session.AskForbidden(ctx)
	session.GoOn(ctx)
	Expect(in.Observe(ctx)).To(ForbidWhatWasTaken())
})
