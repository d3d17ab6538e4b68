package identity

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:        "identity/special-names",
	Level:     judge.Extended,
	Promise:   "Names of groups with spaces, commas, colons, slashes, percent signs and letters beyond ASCII, and a user's with such letters, arrive at the API server as Keycloak has them.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"mission"},
	Features:  []string{"groups"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.NamesEscaped, judge.WrongIdentity), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewOddUser(ctx, "developers"))
	session.AskWhoIAm(ctx)
	session.Discover(ctx)
	seen := in.Observe(ctx)
	Expect(seen).To(BeKnownExactly())
	Expect(seen).To(AgreeRequestByRequest())
})
