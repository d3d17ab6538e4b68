package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// BeRefusedAfterTheEnd: once the tokens of the ended session had expired, nothing
// of its user's was served, and Keycloak was not asked for tokens all the time.
func BeRefusedAfterTheEnd() types.GomegaMatcher {
	return keep(judge.Rule{Name: "refused-after-end"}, judge.Rule{Name: "no-token-storm"})
}

// AskForALogin: when the session was over, the page asked for a login.
func AskForALogin() types.GomegaMatcher { return keep(judge.Rule{Name: "login-offered"}) }

// BeRevokedAtOnce: when Keycloak refused a refresh, the session was over here too.
func BeRevokedAtOnce() types.GomegaMatcher { return keep(judge.Rule{Name: "revoked-at-once"}) }

// UseTheNewKey: tokens that Keycloak's new key has signed were used.
func UseTheNewKey() types.GomegaMatcher { return keep(judge.Rule{Name: "keys-rotated"}) }

// ShareTheRefresh: n times many requests came at once with a token that had to be
// renewed; all were served, and Keycloak refused no refresh.
func ShareTheRefresh(n int) types.GomegaMatcher {
	return keep(judge.Rule{Name: "shared-refresh", Count: n}, judge.Rule{Name: "refreshed", Count: n})
}

// SurviveTheFormerCookie: a request with the cookie of before a refresh did no
// harm to the session, here and at Keycloak.
func SurviveTheFormerCookie() types.GomegaMatcher {
	return keep(judge.Rule{Name: "former-cookie-harmless"}, judge.Rule{Name: "refreshed", Count: 1})
}

// BeServedAfterTheThaw: a page that was frozen past an expiry was served at once
// when it went on.
func BeServedAfterTheThaw() types.GomegaMatcher { return keep(judge.Rule{Name: "served-after-thaw"}) }

// OutliveTheSSOSession: tokens were issued offline, and served, after the single
// sign-on session had been ended.
func OutliveTheSSOSession() types.GomegaMatcher {
	return keep(judge.Rule{Name: "outlived-sso-session"})
}

// RecoverOnline: a page that was offline past its tokens' lifetimes went on without
// a login.
func RecoverOnline() types.GomegaMatcher {
	return keep(judge.Rule{Name: "recovered-online"}, judge.Rule{Name: "logged-in-once"})
}
