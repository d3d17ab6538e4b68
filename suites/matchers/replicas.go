package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// HaveLoggedInAcrossReplicas: the login ended at another replica than it began
// at.
func HaveLoggedInAcrossReplicas() types.GomegaMatcher {
	return keep(judge.Rule{Name: "login-across-replicas"})
}

// BeServedAcrossReplicas: the session was served by another replica than gave it
// out.
func BeServedAcrossReplicas() types.GomegaMatcher {
	return keep(judge.Rule{Name: "session-across-replicas"})
}

// BeUsableAfterTheRestart: past the expiry that followed a restart of the
// dashboard the page was alive, after one more login at the most.
func BeUsableAfterTheRestart() types.GomegaMatcher {
	return keep(judge.Rule{Name: "usable-after-restart"})
}

// BeUsableAfterTheImport: past the expiry that followed an import of the realm the
// page was alive, after one login.
func BeUsableAfterTheImport() types.GomegaMatcher {
	return keep(judge.Rule{Name: "usable-after-reimport"})
}
