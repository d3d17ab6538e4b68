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
	ID:        "identity/impersonator-refuses",
	Level:     judge.Setup,
	Promise:   "The impersonator acts for the user of a good token alone: it refuses every other, and takes no identity from a header.",
	Modes:     []conformance.Mode{conformance.Proxy},
	Sources:   []string{"threat: privilege escalation"},
	Features:  []string{"impersonation", "attack"},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.AudienceUnchecked, judge.BadTokenAdmitted).
	And(faults.SignatureUnchecked, judge.BadTokenAdmitted), func(ctx SpecContext, in *conformance.Installation) {
	in.TryImpersonator(ctx, in.NewUser(ctx, "developers"))
	Expect(in.Observe(ctx)).To(RefuseBadTokens())
})
