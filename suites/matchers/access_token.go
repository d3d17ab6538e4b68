package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// SendAccessTokensAlone: every token of the user's that the API server was sent
// was an access token.
func SendAccessTokensAlone() types.GomegaMatcher {
	return keep(judge.Rule{Name: "access-token-throughout"})
}
