package logout

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

// Extended, for no release keeps it: the catalogue has it as a part of logout/local,
// which would then be core and kept by nobody.
var _ = conformance.Scenario(conformance.Entry{
	ID:        "logout/copied-cookie",
	Level:     judge.Extended,
	Promise:   "After Log out a copy of the session's cookie is worthless as soon as its token has expired.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"threat: lingering access"},
	Features:  []string{"logout", "cookie"},
	Holds:     1,
	OnTheWire: true,
}, conformance.
	FailsOn(faults.LogoutWithoutProvider, judge.LingeringAccess), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.AskWhoIAm(ctx)
	stolen := session.CopyCookies(ctx)
	session.LogOut(ctx)
	stolen.UsePastExpiry(ctx)
	Expect(in.Observe(ctx)).To(RefuseTheCopy())
})
