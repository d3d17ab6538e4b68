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
	ID:       "session/base-url",
	Level:    judge.Extended,
	Promise:  "Under a base URL, an open page stays connected past several token expiries, without another login.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#7513"},
	Features: []string{"refresh", "base-url"},
	Holds:    1,
	Setup:    installation.Setup{BaseURL: "/headlamp"},
}, conformance.
	FailsOn(faults.RefreshNeverUnderBaseURL, judge.NotRefreshed, judge.Unauthorized).
	And(faults.BaseURLNotForwarded, judge.NotLoggedIn), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(StayConnected(in.Expiries()))
})
