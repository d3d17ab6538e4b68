package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// RefuseForgedCallbacks: no forged, incomplete or used callback brought a session.
func RefuseForgedCallbacks() types.GomegaMatcher {
	return keep(judge.Rule{Name: "forged-callbacks-refused"})
}

// RefuseForeignCallbacks: another browser's callback brought no session.
func RefuseForeignCallbacks() types.GomegaMatcher {
	return keep(judge.Rule{Name: "foreign-callback-refused"})
}
