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
	ID:       "session/hold-past-expiry",
	Level:    judge.Core,
	Promise:  "An open page stays connected past several token expiries, without another login.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission", "kubernetes-sigs/headlamp#1587", "kubernetes-sigs/headlamp#3143", "kubernetes-sigs/headlamp#3918"},
	Features: []string{"refresh"},
	Holds:    1,
}, conformance.
	FailsOn(faults.RefreshNever, judge.NotRefreshed, judge.Unauthorized).
	And(faults.RefreshOnce, judge.NotRefreshed, judge.Unauthorized).
	And(faults.RefreshWithIDToken, judge.RefreshRefused, judge.NotRefreshed, judge.Unauthorized).
	And(faults.RefreshWithoutCA, judge.NotRefreshed, judge.Unauthorized).
	And(faults.RefreshedCookieNeverSet, judge.NotRefreshed, judge.Unauthorized, judge.LeftThePage).
	And(faults.MemoryLost, judge.NotRefreshed, judge.Unauthorized, judge.LeftThePage).
	And(faults.ClientWithoutRefreshTokens, judge.NotRefreshed, judge.Unauthorized, judge.LeftThePage).
	And(faults.NoSingleFlight, judge.RefreshRefused).
	And(faults.SessionShorterThanHold, judge.RefreshRefused, judge.Unauthorized, judge.LeftThePage).
	And(faults.RefreshTooLate, judge.Unauthorized, judge.LostConnection).
	And(faults.BannerHiddenByCSS, judge.NotRefreshed, judge.Unauthorized).
	And(faults.BannerShown, judge.LostConnection, judge.ServerError).
	And(faults.QuietButDead, judge.PageNotAlive, judge.NotRefreshed).
	And(faults.SilentRelogin, judge.LoggedInAgain, judge.LeftThePage).
	And(faults.StaleWatch, judge.PageNotAlive).
	And(faults.GoesToLogin, judge.LeftThePage, judge.PageNotAlive).
	And(faults.Single401, judge.Unauthorized).
	And(faults.Single502, judge.ServerError).
	And(faults.ExpiredTokenOnce, judge.Unauthorized).
	And(faults.DashboardClockBehind, judge.NotRefreshed, judge.Unauthorized).
	And(faults.UserWithoutRights, judge.PageNotAlive).
	And(faults.LoginTwice, judge.LoggedInAgain), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(StayConnected(in.Expiries()))
})
