package login

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
	ID:       "login/banner-clears",
	Level:    judge.Extended,
	Promise:  "Ten seconds after the cluster is known to be healthy, the page that was opened without a session no more says that the connection is lost.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#7469"},
	Features: []string{"link", "banner"},
	Setup:    installation.Setup{KnownOnly: true},
}, conformance.
	FailsOn(faults.BannerStays, judge.LostConnection), func(ctx SpecContext, in *conformance.Installation) {
	session := in.LoginFrom(ctx, in.NewUser(ctx, "developers"), "/c/main/namespaces/kube-system", "kube-system")
	session.AwaitHealthy(ctx, judge.ClearedWithin)
	Expect(in.Observe(ctx)).To(HaveClearedTheBanner())
})
