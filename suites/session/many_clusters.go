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
	ID:        "session/many-clusters",
	Level:     judge.Extended,
	Promise:   "Whoever is logged in to two clusters, whose users are in realms of their own, stays logged in to both past several token expiries.",
	Modes:     []conformance.Mode{conformance.Token},
	Sources:   []string{"kubernetes-sigs/headlamp#3961"},
	Features:  []string{"refresh", "clusters"},
	Holds:     1,
	OnTheWire: true,
	Setup:     installation.Setup{SecondCluster: true},
}, conformance.
	FailsOn(faults.RefreshedAtTheFirstCluster, judge.ExpiryNotCrossed, judge.NotRefreshed).
	And(faults.RefreshNever, judge.ExpiryNotCrossed, judge.NotRefreshed), func(ctx SpecContext, in *conformance.Installation) {
	first := in.LoginBeside(ctx, in.NewUser(ctx, "developers"))
	second := in.LoginToSecond(ctx, in.NewUserOfSecond(ctx, "developers"))
	held := in.HoldClusters(ctx, in.Expiries(), first, second)
	Expect(held).To(HoldEachCluster(in.Expiries()))
})
