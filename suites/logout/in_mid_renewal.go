package logout

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:       "logout/in-mid-renewal",
	Level:    judge.Extended,
	Promise:  "Who clicks Log out while the page's requests are renewing the session stays logged out: no session cookie comes back, and nothing is served with one.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"threat: the next person at the machine"},
	Features: []string{"logout", "refresh"},
	Holds:    1,
}, conformance.
	FailsOn(faults.LogoutUndoneByRenewal, judge.CookieStays, judge.StillIn), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.RecordCookies(ctx)
	session.LogOutInMidRenewal(ctx, 20)
	Expect(in.Observe(ctx)).To(StayLoggedOut())
})
