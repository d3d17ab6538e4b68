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

// withoutRefreshTokens is a client that Keycloak gives no refresh tokens.
func withoutRefreshTokens(client map[string]any) {
	attributes, _ := client["attributes"].(map[string]any)
	if attributes == nil {
		attributes = map[string]any{}
	}
	attributes["use.refresh.tokens"] = "false"
	client["attributes"] = attributes
}

var _ = conformance.Scenario(conformance.Entry{
	ID:       "session/no-refresh-token",
	Level:    judge.Extended,
	Promise:  "Where Keycloak gives no refresh tokens, the page asks for a login when its token expires, and is no dead page.",
	Modes:    []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native},
	Sources:  []string{"mission"},
	Features: []string{"no-refresh"},
	Holds:    1,
	Setup:    installation.Setup{Client: withoutRefreshTokens},
}, conformance.
	FailsOn(faults.PageStaysAfter401, judge.LoginNotOffered), func(ctx SpecContext, in *conformance.Installation) {
	session := in.Login(ctx, in.NewUser(ctx, "developers"))
	session.OpenNamespaces(ctx)
	session.AwaitLoginPage(ctx)
	Expect(in.Observe(ctx)).To(AskForALogin())
})
