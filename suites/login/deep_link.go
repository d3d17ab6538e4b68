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
	ID:       "login/deep-link",
	Level:    judge.Extended,
	Promise:  "Whoever opens the page of an object without a session is there after the login.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"kubernetes-sigs/headlamp#4877"},
	Features: []string{"link"},
}, conformance.
	FailsOn(faults.DeepLinkForgotten, judge.LeftThePage), func(ctx SpecContext, in *conformance.Installation) {
	in.LoginFrom(ctx, in.NewUser(ctx, "developers"), "/c/main/namespaces/kube-system", "kube-system")
	Expect(in.Observe(ctx)).To(BeWhereTheUserWantedToGo())
})
