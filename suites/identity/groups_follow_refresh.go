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
	ID:        "identity/groups-follow-refresh",
	Level:     judge.Core,
	Promise:   "Who is taken out of a group at Keycloak loses what it allows with the session's next refresh, without a new login.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"threat: lingering access"},
	Features:  []string{"groups", "refresh"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.GroupsOfTheLogin, judge.WrongIdentity, judge.LingeringAccess).
	And(faults.AnswersKeptWhenForbidden, judge.LingeringAccess).
	And(faults.RefreshNever, judge.NotRefreshed), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers", "cluster-admins"))
	session.AskForbidden(ctx)
	session.LeaveGroup(ctx, "cluster-admins")
	session.AskForbidden(ctx)
	Expect(in.Observe(ctx)).To(FollowTheGroups())
})
