package session

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "session/private-ca-refresh",
	Level:    judge.Core,
	Promise:  "Behind a private authority the token is refreshed at least once for every expiry, and no refresh is refused.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#4246"},
	Features: []string{"private-ca", "refresh"},
	Holds:    1,
}, conformance.
	FailsOn(faults.RefreshWithoutCA, judge.NotRefreshed).
	And(faults.RefreshNever, judge.NotRefreshed).
	And(faults.RefreshOnce, judge.NotRefreshed).
	And(faults.RefreshWithIDToken, judge.RefreshRefused), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(TrustThePrivateIssuer())
	Expect(held).To(HaveRefreshed(in.Expiries()))
})
