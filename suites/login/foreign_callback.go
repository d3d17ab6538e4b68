package login

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:        "login/foreign-callback",
	Level:     judge.Extended,
	Promise:   "Whoever follows a link with the callback of a login that another browser began is not logged in as somebody else.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"mission"},
	Features:  []string{"callback"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.StateOfAnyBrowser, judge.ForgedLogin), func(ctx SpecContext, in *conformance.Installation) {
	in.OfferForeignCallback(ctx, in.NewUser(ctx, "developers"))
	Expect(in.Observe(ctx)).To(RefuseForeignCallbacks())
})
