package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// HaveEnteredOverTheEarlierSession: the browser came with the session of an earlier
// installation, and one login replaced it for good.
func HaveEnteredOverTheEarlierSession() types.GomegaMatcher {
	return keep(judge.Rule{Name: "entered-over-earlier-session"}, judge.Rule{Name: "logged-in-once"})
}

// HaveEnteredAtTheSecondTry: the user got in after a wrong password.
func HaveEnteredAtTheSecondTry() types.GomegaMatcher {
	return keep(judge.Rule{Name: "entered-at-second-try"})
}

// HaveEnteredAcrossTheRestart: the user got in although the dashboard restarted in
// mid-login, and was told in words if it took a second try.
func HaveEnteredAcrossTheRestart() types.GomegaMatcher {
	return keep(judge.Rule{Name: "entered-across-restart"})
}

// BeWhereTheUserWantedToGo: after the login the page is where it was opened.
func BeWhereTheUserWantedToGo() types.GomegaMatcher {
	return keep(judge.Rule{Name: "returned-to-deep-link"})
}

// HaveClearedTheBanner: no alert about a lost connection is left when the cluster
// is healthy.
func HaveClearedTheBanner() types.GomegaMatcher { return keep(judge.Rule{Name: "banner-cleared"}) }

// RefuseForgedCallbacks: no forged, incomplete or used callback brought a session.
func RefuseForgedCallbacks() types.GomegaMatcher {
	return keep(judge.Rule{Name: "forged-callbacks-refused"})
}

// RefuseForeignCallbacks: another browser's callback brought no session.
func RefuseForeignCallbacks() types.GomegaMatcher {
	return keep(judge.Rule{Name: "foreign-callback-refused"})
}

// SayWhyItRefuses: each refusal was told in words, and the page offers to sign in.
func SayWhyItRefuses() types.GomegaMatcher { return keep(judge.Rule{Name: "refusals-told"}) }

// StopAtTheDistrust: whom the API server does not know is refused once and for all.
func StopAtTheDistrust() types.GomegaMatcher { return keep(judge.Rule{Name: "distrust-bounded"}) }

// KeepWholeTokens: the browser keeps a large token's cookies, and none of them when
// the token is small.
func KeepWholeTokens() types.GomegaMatcher { return keep(judge.Rule{Name: "chunks-consistent"}) }
