package identity

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	. "github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var _ = conformance.Scenario(conformance.Entry{
	ID:        "identity/prefixes",
	Level:     judge.Extended,
	Promise:   "Where names of users and groups get a prefix, the API server knows the user by the same names in every identity mode, prefixes included, on every request.",
	Modes:     []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:   []string{"kubernetes-sigs/headlamp#5402"},
	Features:  []string{"prefix", "groups"},
	Setup:     installation.Setup{RealmKind: realm.Prefixed},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.UsernamePrefixDropped, judge.WrongIdentity).
	And(faults.GroupsPrefixDropped, judge.WrongIdentity).
	And(faults.APIServerWithoutPrefix, judge.WrongIdentity), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers", "cluster-admins"))
	session.AskWhoIAm(ctx)
	session.UseEveryVerb(ctx)
	seen := in.Observe(ctx)
	Expect(seen).To(BeKnownExactly())
	Expect(seen).To(BeKnownOnEveryRequest())
})
