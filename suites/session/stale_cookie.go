package session

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
	ID:        "session/stale-cookie",
	Level:     judge.Extended,
	Promise:   "A request that comes with the cookie of before a refresh, right after it, is served and does the session no harm.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"kubernetes-sigs/headlamp#6793"},
	Features:  []string{"refresh", "concurrency"},
	Holds:     1,
	OnTheWire: true,
	Setup:     installation.Setup{AboutCookie: true},
}, conformance.
	FailsOn(faults.FormerCookieEndsSession, judge.SessionDropped, judge.Unauthorized), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.OpenNamespaces(ctx)
	session.SendFormerCookie(ctx)
	session.Try(ctx)
	Expect(in.Observe(ctx)).To(SurviveTheFormerCookie())
})
