package login

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
	ID:        "login/username-prefix",
	Level:     judge.Setup,
	Promise:   "Where the API server puts its issuer before user names, as it does unless told otherwise, it knows the user by exactly that name: rights of the bare name are worth nothing.",
	Modes:     []conformance.Mode{conformance.Token},
	Sources:   []string{"mission"},
	Features:  []string{"prefix"},
	Setup:     installation.Setup{RealmKind: realm.IssuerPrefixed},
	OnTheWire: true,
}, conformance.
	FailsOn(faults.APIServerWithoutPrefix, judge.WrongIdentity), func(ctx SpecContext, in *conformance.Installation) {
	user := in.NewUser(ctx, "developers")
	session := in.Login(ctx, user)
	session.AskWhoIAm(ctx)
	in.AllowBareName(ctx, user)
	session.AskForbidden(ctx)
	in.AllowKnownName(ctx, user)
	session.AskForbidden(ctx)
	seen := in.Observe(ctx)
	Expect(seen).To(BeKnownExactly())
	Expect(seen).To(GoByThePrefixedName())
})
