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
	ID:       "session/idp-key-rotation",
	Level:    judge.Core,
	Promise:  "When Keycloak begins to sign with a new key, an open page stays connected past several token expiries.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"refresh", "keys"},
	Holds:    1,
}, conformance.
	FailsOn(faults.KeysKeptForEver, judge.Unauthorized, judge.LeftThePage), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	in.RotateKeys(ctx)
	held := session.Hold(ctx, in.Expiries())
	Expect(held).To(StayConnected(in.Expiries()))
	Expect(held).To(UseTheNewKey())
})
