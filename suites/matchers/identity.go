package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// RefuseForgedIdentities: whatever identity a request claimed, it was refused.
func RefuseForgedIdentities() types.GomegaMatcher { return keep(judge.Rule{Name: "forgery-refused"}) }

// StayForbidden: what the user may not do was answered 403, under the user's own
// identity.
func StayForbidden() types.GomegaMatcher { return keep(judge.Rule{Name: "no-fallback"}) }

// KeepTheCookieToItself: no session cookie went to the API server.
func KeepTheCookieToItself() types.GomegaMatcher { return keep(judge.Rule{Name: "no-cookie-upstream"}) }

// RefuseBadTokens: past the dashboard, the impersonator passed on nothing but what
// came with a good token, and that as the token's user.
func RefuseBadTokens() types.GomegaMatcher { return keep(judge.Rule{Name: "bad-tokens-refused"}) }

// LeaveTheAccountAlone: no request was made with the dashboard's own account while
// a user acted, but to impersonate the user.
func LeaveTheAccountAlone() types.GomegaMatcher { return keep(judge.Rule{Name: "account-unused"}) }

// FollowTheGroups: when the user was taken out of a group, what it allowed was
// gone with the next refresh.
func FollowTheGroups() types.GomegaMatcher { return keep(judge.Rule{Name: "groups-follow-refresh"}) }

// ForbidWhatWasTaken: what a right had allowed was answered 403 when it was gone,
// and the session went on.
func ForbidWhatWasTaken() types.GomegaMatcher { return keep(judge.Rule{Name: "taken-right-forbidden"}) }

// BeWhoTheProxySays: the user was the one whom the proxy before the dashboard had
// logged in, whatever a client said itself.
func BeWhoTheProxySays() types.GomegaMatcher { return keep(judge.Rule{Name: "proxy-names-user"}) }

// KeepStreamsToTheirSessions: what was opened at the multiplexer was the session's that
// had asked for it, whatever others said theirs is called.
func KeepStreamsToTheirSessions() types.GomegaMatcher {
	return keep(judge.Rule{Name: "streams-belong-to-sessions"})
}

// KeepUsersApart: n requests of each of several users, amid those of the others,
// were that user's and nobody else's.
func KeepUsersApart(n int) types.GomegaMatcher {
	return keep(judge.Rule{Name: "users-isolated", Count: n})
}
