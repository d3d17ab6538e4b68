package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// KeepNoSessionCookie: after the logout the browser keeps no session cookie.
func KeepNoSessionCookie() types.GomegaMatcher { return keep(judge.Rule{Name: "session-cookie-gone"}) }

// OfferALoginAlone: after the logout, Back and a reload lead to the login.
func OfferALoginAlone() types.GomegaMatcher { return keep(judge.Rule{Name: "login-after-logout"}) }

// StayLoggedOut: no request that was renewing the session at the logout brings it back.
func StayLoggedOut() types.GomegaMatcher {
	return keep(judge.Rule{Name: "logout-outlasts-renewals"})
}

// RefuseTheCopy: a copy of the session's cookies is worthless soon after the
// logout.
func RefuseTheCopy() types.GomegaMatcher { return keep(judge.Rule{Name: "copy-refused"}) }

// AskForThePassword: after the logout Keycloak asks for the password again.
func AskForThePassword() types.GomegaMatcher { return keep(judge.Rule{Name: "password-asked"}) }

// BeFollowedByTheOtherTab: the other tab asks for a login after the logout.
func BeFollowedByTheOtherTab() types.GomegaMatcher {
	return keep(judge.Rule{Name: "other-tab-follows"})
}
