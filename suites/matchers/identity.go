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
