package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// BridgeTheOutage: the dashboard tried in vain to reach Keycloak, and refreshed
// the session when it could.
func BridgeTheOutage() types.GomegaMatcher { return keep(judge.Rule{Name: "survived-outage"}) }

// WaitForSlowAnswers: answers of Keycloak's token endpoint came late, and the
// dashboard waited for them.
func WaitForSlowAnswers() types.GomegaMatcher { return keep(judge.Rule{Name: "slow-answers"}) }

// HaveDiscoveredElsewhere: the dashboard learned who Keycloak is at another address
// than the one that tokens name.
func HaveDiscoveredElsewhere() types.GomegaMatcher {
	return keep(judge.Rule{Name: "discovered-elsewhere"})
}
