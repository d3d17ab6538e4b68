package matchers

import (
	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// BeKnownOnEveryRequest: the API server decided every request as the user's, by
// exactly the name and the groups that it has to know, prefixes included.
func BeKnownOnEveryRequest() types.GomegaMatcher { return keep(judge.Rule{Name: "known-throughout"}) }

// GoByThePrefixedName: what the name in the token was allowed stayed forbidden, and
// what the name with its prefix was allowed did not.
func GoByThePrefixedName() types.GomegaMatcher {
	return keep(judge.Rule{Name: "prefixed-name-decides"})
}

// BeImpersonatedOnlyToLook: the user looked, and could not delete, through an account
// that may impersonate for the one and not for the other.
func BeImpersonatedOnlyToLook() types.GomegaMatcher {
	return keep(judge.Rule{Name: "impersonation-constrained"})
}

// RefuseWithoutImpersonation: when the account could not impersonate any more,
// everything was refused, and nothing was done as the account itself.
func RefuseWithoutImpersonation() types.GomegaMatcher {
	return keep(judge.Rule{Name: "taken-impersonation-refused"})
}
