package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// OpenStreamsAfter: after n expiries a terminal and a log work, and are the user's.
func OpenStreamsAfter(n int) types.GomegaMatcher {
	return keep(judge.Rule{Name: "streams-served", Count: n})
}

// BeTheSameUserOnEveryVerb: whatever was asked, in whatever way, was asked as the
// user, with exactly the user's groups.
func BeTheSameUserOnEveryVerb() types.GomegaMatcher {
	return keep(judge.Rule{Name: "same-user-on-every-verb"})
}
