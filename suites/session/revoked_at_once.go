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
	ID:        "session/revoked-at-once",
	Level:     judge.Extended,
	Promise:   "When Keycloak refuses to refresh an ended session, the dashboard answers 401, takes the cookie away, and forwards nothing under the old token any more.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"kubernetes-sigs/headlamp#7535"},
	Features:  []string{"revocation"},
	Holds:     1,
	OnTheWire: true,
}, conformance.
	FailsOn(faults.RefusedRefreshIgnored, judge.StillForwarded, judge.SessionKept), func(ctx SpecContext, in *conformance.Installation) {
	user := in.NewUser(ctx, "developers")
	session := in.Login(ctx, user)
	session.OpenNamespaces(ctx)
	in.EndSessions(ctx, user)
	session.AwaitRefusal(ctx)
	session.OutliveTokens(ctx)
	Expect(in.Observe(ctx)).To(BeRevokedAtOnce())
})
