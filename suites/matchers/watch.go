package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// ShowWhatIsNew: after each of n expiries an object that was made then appeared in
// the page, which was not loaded anew for that.
func ShowWhatIsNew(n int) types.GomegaMatcher {
	return keep(
		judge.Rule{Name: "expiries-crossed", Count: n},
		judge.Rule{Name: "page-alive", Count: n},
		judge.Rule{Name: "never-reloaded"},
	)
}

// ReopenTheWatch: after the watches were cut, the list's was opened anew, with a
// good token, and the page showed what was made then.
func ReopenTheWatch() types.GomegaMatcher { return keep(judge.Rule{Name: "watch-reopened"}) }
