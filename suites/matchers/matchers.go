package matchers

import (
	"fmt"
	"strings"

	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// Observed is what a spec asserts on: what all witnesses saw.
type Observed interface {
	// Assert notes that a rule is asserted, and returns how it was broken.
	Assert(rule judge.Rule) []judge.Finding
}

// HaveLoggedInOnce: the page loaded, after exactly one login at Keycloak.
func HaveLoggedInOnce() types.GomegaMatcher { return keep(judge.Rule{Name: "logged-in-once"}) }

// HideTheToken: no token is where a script of the page could read it.
func HideTheToken() types.GomegaMatcher { return keep(judge.Rule{Name: "token-hidden"}) }

// GuardTheCookie: every session cookie is HttpOnly, Secure and SameSite.
func GuardTheCookie() types.GomegaMatcher { return keep(judge.Rule{Name: "cookie-guarded"}) }

// TrustThePrivateIssuer: tokens came from the issuer under the private CA.
func TrustThePrivateIssuer() types.GomegaMatcher {
	return keep(judge.Rule{Name: "trusted-private-issuer"})
}

// NeverBeSentBackToLogin: left idle, reloaded and used, the page never asked for
// another login, and none was made behind its back.
func NeverBeSentBackToLogin() types.GomegaMatcher {
	return keep(judge.Rule{Name: "never-sent-back"}, judge.Rule{Name: "logged-in-once"})
}

// StayConnected: all six points of a session held past n expiries. They are
// checked together, so that a report shows everything that broke.
func StayConnected(n int) types.GomegaMatcher {
	return keep(
		judge.Rule{Name: "expiries-crossed", Count: n},
		judge.Rule{Name: "no-lost-connection"},
		judge.Rule{Name: "stayed-on-page"},
		judge.Rule{Name: "page-alive", Count: n},
		judge.Rule{Name: "no-blip"},
		judge.Rule{Name: "served-around-expiry", Count: n},
		judge.Rule{Name: "refreshed", Count: n},
		judge.Rule{Name: "logged-in-once"},
	)
}

// HaveRefreshed: Keycloak stored at least n refreshes and refused none, and
// the hold went past n expiries.
func HaveRefreshed(n int) types.GomegaMatcher {
	return keep(judge.Rule{Name: "expiries-crossed", Count: n}, judge.Rule{Name: "refreshed", Count: n})
}

// BeKnownExactly: the API server knows exactly the user's name and groups.
func BeKnownExactly() types.GomegaMatcher { return keep(judge.Rule{Name: "known-to-cluster"}) }

// CarryTheUsersOwnToken: every request carried the user's own, unexpired token.
func CarryTheUsersOwnToken() types.GomegaMatcher {
	return keep(judge.Rule{Name: "own-token-throughout"})
}

// ImpersonateOnEveryRequest: every request impersonated exactly the user and the
// user's groups, without the user's own token.
func ImpersonateOnEveryRequest() types.GomegaMatcher {
	return keep(judge.Rule{Name: "impersonated-throughout"})
}

// BeServedAroundExpiry: requests of the user succeeded before and after each of
// n expiries.
func BeServedAroundExpiry(n int) types.GomegaMatcher {
	return keep(judge.Rule{Name: "expiries-crossed", Count: n}, judge.Rule{Name: "served-around-expiry", Count: n})
}

// AgreeRequestByRequest: tap and audit log saw the same requests.
func AgreeRequestByRequest() types.GomegaMatcher { return keep(judge.Rule{Name: "witnesses-agree"}) }

// keep matches when all rules are kept.
func keep(rules ...judge.Rule) types.GomegaMatcher { return &keeps{rules: rules} }

type keeps struct {
	rules    []judge.Rule
	findings []judge.Finding
}

func (k *keeps) Match(actual any) (bool, error) {
	observed, ok := actual.(Observed)
	if !ok {
		return false, fmt.Errorf("matchers of this package match what an installation observed, not a %T", actual)
	}
	k.findings = nil
	for _, rule := range k.rules {
		k.findings = append(k.findings, observed.Assert(rule)...)
	}
	return len(k.findings) == 0, nil
}

func (k *keeps) FailureMessage(any) string {
	lines := make([]string, len(k.findings))
	for i, finding := range k.findings {
		at := "never"
		if !finding.At.IsZero() {
			at = finding.At.UTC().Format("15:04:05.000")
		}
		lines[i] = fmt.Sprintf("%s: %s: %s", finding.Rule, at, finding.Text)
	}
	return strings.Join(lines, "\n")
}

func (k *keeps) NegatedFailureMessage(any) string {
	names := make([]string, len(k.rules))
	for i, rule := range k.rules {
		names[i] = rule.Name
	}
	return "nothing broke " + strings.Join(names, ", ")
}
