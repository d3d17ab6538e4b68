package identity

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:        "identity/no-cookie-upstream",
	Level:     judge.Extended,
	Promise:   "The browser's session cookie stays with the dashboard: no request takes it to the API server.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"mission"},
	Features:  []string{"cookie"},
	SetupIn:   []conformance.Mode{conformance.Proxy},
	OnTheWire: true,
	Setup:     installation.Setup{AboutCookie: true},
}, conformance.
	FailsOn(faults.CookiePassedOn, judge.CookieUpstream), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.AskWhoIAm(ctx)
	Expect(in.Observe(ctx)).To(KeepTheCookieToItself())
})
