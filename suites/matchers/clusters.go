package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// HoldEachCluster: the session at each of the dashboard's clusters went past so many
// expiries, refreshed and served.
func HoldEachCluster(expiries int) types.GomegaMatcher {
	return keep(judge.Rule{Name: "each-cluster-held", Count: expiries})
}
