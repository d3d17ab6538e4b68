package session

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

// askOfflineAccess has the dashboard ask for the scope offline_access, which
// Keycloak grants whoever has the role of that name: every user, by default.
func askOfflineAccess(settings *dashboard.Settings) {
	settings.Scopes = append(slices.Clone(settings.Scopes), "offline_access")
}

var _ = conformance.Scenario(conformance.Entry{
	ID:       "session/offline-access",
	Level:    judge.Extended,
	Promise:  "With offline access an open page stays connected past several token expiries, although the single sign-on session has ended.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission", "kubernetes-sigs/headlamp#4361"},
	Features: []string{"refresh", "offline"},
	Holds:    1,
	Setup:    installation.Setup{Dashboard: askOfflineAccess},
}, conformance.
	FailsOn(faults.OfflineScopeDropped, judge.RefreshRefused, judge.Unauthorized, judge.LeftThePage).
	And(faults.OfflineScopeNotAssigned, judge.NotLoggedIn).
	And(faults.OfflineRoleMissing, judge.NotLoggedIn), func(ctx SpecContext, in *conformance.Installation) {
	user := in.NewUser(ctx, "developers")
	session := in.Login(ctx, user)
	in.EndSSOSession(ctx, user)
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(StayConnected(in.Expiries()))
	Expect(held).To(OutliveTheSSOSession())
})
