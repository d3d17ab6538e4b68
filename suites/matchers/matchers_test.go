package matchers_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsi/gomega/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/suites/matchers"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// observed breaks the rules of some names, and notes which were asserted.
type observed struct {
	breaks   map[string][]judge.Finding
	asserted []judge.Rule
}

func (o *observed) Assert(rule judge.Rule) []judge.Finding {
	o.asserted = append(o.asserted, rule)
	findings := slices.Clone(o.breaks[rule.Name])
	for i := range findings {
		findings[i].Rule = rule.Name
	}
	return findings
}

// all are the matchers, and the rules that each stands for.
var all = map[string]struct {
	matcher func() types.GomegaMatcher
	rules   []judge.Rule
}{
	"HaveLoggedInOnce":           {matchers.HaveLoggedInOnce, []judge.Rule{{Name: "logged-in-once"}}},
	"HideTheToken":               {matchers.HideTheToken, []judge.Rule{{Name: "token-hidden"}}},
	"GuardTheCookie":             {matchers.GuardTheCookie, []judge.Rule{{Name: "cookie-guarded"}}},
	"TrustThePrivateIssuer":      {matchers.TrustThePrivateIssuer, []judge.Rule{{Name: "trusted-private-issuer"}}},
	"BeKnownExactly":             {matchers.BeKnownExactly, []judge.Rule{{Name: "known-to-cluster"}}},
	"CarryTheUsersOwnToken":      {matchers.CarryTheUsersOwnToken, []judge.Rule{{Name: "own-token-throughout"}}},
	"ImpersonateOnEveryRequest":  {matchers.ImpersonateOnEveryRequest, []judge.Rule{{Name: "impersonated-throughout"}}},
	"AgreeRequestByRequest":      {matchers.AgreeRequestByRequest, []judge.Rule{{Name: "witnesses-agree"}}},
	"BeFollowedByTheOtherTab":    {matchers.BeFollowedByTheOtherTab, []judge.Rule{{Name: "other-tab-follows"}}},
	"KeepNoSessionCookie":        {matchers.KeepNoSessionCookie, []judge.Rule{{Name: "session-cookie-gone"}}},
	"StayLoggedOut":              {matchers.StayLoggedOut, []judge.Rule{{Name: "logout-outlasts-renewals"}}},
	"OfferALoginAlone":           {matchers.OfferALoginAlone, []judge.Rule{{Name: "login-after-logout"}}},
	"RefuseTheCopy":              {matchers.RefuseTheCopy, []judge.Rule{{Name: "copy-refused"}}},
	"AskForThePassword":          {matchers.AskForThePassword, []judge.Rule{{Name: "password-asked"}}},
	"RefuseForgedIdentities":     {matchers.RefuseForgedIdentities, []judge.Rule{{Name: "forgery-refused"}}},
	"StayForbidden":              {matchers.StayForbidden, []judge.Rule{{Name: "no-fallback"}}},
	"KeepTheCookieToItself":      {matchers.KeepTheCookieToItself, []judge.Rule{{Name: "no-cookie-upstream"}}},
	"RefuseBadTokens":            {matchers.RefuseBadTokens, []judge.Rule{{Name: "bad-tokens-refused"}}},
	"LeaveTheAccountAlone":       {matchers.LeaveTheAccountAlone, []judge.Rule{{Name: "account-unused"}}},
	"FollowTheGroups":            {matchers.FollowTheGroups, []judge.Rule{{Name: "groups-follow-refresh"}}},
	"ForbidWhatWasTaken":         {matchers.ForbidWhatWasTaken, []judge.Rule{{Name: "taken-right-forbidden"}}},
	"BeKnownOnEveryRequest":      {matchers.BeKnownOnEveryRequest, []judge.Rule{{Name: "known-throughout"}}},
	"GoByThePrefixedName":        {matchers.GoByThePrefixedName, []judge.Rule{{Name: "prefixed-name-decides"}}},
	"BeImpersonatedOnlyToLook":   {matchers.BeImpersonatedOnlyToLook, []judge.Rule{{Name: "impersonation-constrained"}}},
	"RefuseWithoutImpersonation": {matchers.RefuseWithoutImpersonation, []judge.Rule{{Name: "taken-impersonation-refused"}}},
	"AskForALogin":               {matchers.AskForALogin, []judge.Rule{{Name: "login-offered"}}},
	"BeRevokedAtOnce":            {matchers.BeRevokedAtOnce, []judge.Rule{{Name: "revoked-at-once"}}},
	"UseTheNewKey":               {matchers.UseTheNewKey, []judge.Rule{{Name: "keys-rotated"}}},
	"BeServedAfterTheThaw":       {matchers.BeServedAfterTheThaw, []judge.Rule{{Name: "served-after-thaw"}}},
	"OutliveTheSSOSession":       {matchers.OutliveTheSSOSession, []judge.Rule{{Name: "outlived-sso-session"}}},
	"KeepStreamsToTheirSessions": {
		matchers.KeepStreamsToTheirSessions, []judge.Rule{{Name: "streams-belong-to-sessions"}},
	},
	"BeWhoTheProxySays": {matchers.BeWhoTheProxySays, []judge.Rule{{Name: "proxy-names-user"}}},
	"BeRefusedAfterTheEnd": {
		matchers.BeRefusedAfterTheEnd, []judge.Rule{{Name: "refused-after-end"}, {Name: "no-token-storm"}},
	},
	"RecoverOnline": {
		matchers.RecoverOnline, []judge.Rule{{Name: "recovered-online"}, {Name: "logged-in-once"}},
	},
	"SurviveTheFormerCookie": {
		matchers.SurviveTheFormerCookie, []judge.Rule{{Name: "former-cookie-harmless"}, {Name: "refreshed", Count: 1}},
	},
	"KeepUsersApart": {
		func() types.GomegaMatcher { return matchers.KeepUsersApart(3) }, []judge.Rule{{Name: "users-isolated", Count: 3}},
	},
	"OpenStreamsAfter": {
		func() types.GomegaMatcher { return matchers.OpenStreamsAfter(3) }, []judge.Rule{{Name: "streams-served", Count: 3}},
	},
	"ShareTheRefresh": {
		func() types.GomegaMatcher { return matchers.ShareTheRefresh(3) },
		[]judge.Rule{{Name: "shared-refresh", Count: 3}, {Name: "refreshed", Count: 3}},
	},
	"BeTheSameUserOnEveryVerb":    {matchers.BeTheSameUserOnEveryVerb, []judge.Rule{{Name: "same-user-on-every-verb"}}},
	"HaveEnteredAtTheSecondTry":   {matchers.HaveEnteredAtTheSecondTry, []judge.Rule{{Name: "entered-at-second-try"}}},
	"HaveEnteredAcrossTheRestart": {matchers.HaveEnteredAcrossTheRestart, []judge.Rule{{Name: "entered-across-restart"}}},
	"BeWhereTheUserWantedToGo":    {matchers.BeWhereTheUserWantedToGo, []judge.Rule{{Name: "returned-to-deep-link"}}},
	"HaveClearedTheBanner":        {matchers.HaveClearedTheBanner, []judge.Rule{{Name: "banner-cleared"}}},
	"RefuseForgedCallbacks":       {matchers.RefuseForgedCallbacks, []judge.Rule{{Name: "forged-callbacks-refused"}}},
	"RefuseForeignCallbacks":      {matchers.RefuseForeignCallbacks, []judge.Rule{{Name: "foreign-callback-refused"}}},
	"SayWhyItRefuses":             {matchers.SayWhyItRefuses, []judge.Rule{{Name: "refusals-told"}}},
	"StopAtTheDistrust":           {matchers.StopAtTheDistrust, []judge.Rule{{Name: "distrust-bounded"}}},
	"KeepWholeTokens":             {matchers.KeepWholeTokens, []judge.Rule{{Name: "chunks-consistent"}}},
	"HaveEnteredOverTheEarlierSession": {
		matchers.HaveEnteredOverTheEarlierSession, []judge.Rule{{Name: "entered-over-earlier-session"}, {Name: "logged-in-once"}},
	},
	"HaveLoggedInAcrossReplicas": {
		matchers.HaveLoggedInAcrossReplicas, []judge.Rule{{Name: "login-across-replicas"}},
	},
	"HaveDiscoveredElsewhere": {matchers.HaveDiscoveredElsewhere, []judge.Rule{{Name: "discovered-elsewhere"}}},
	"BridgeTheOutage":         {matchers.BridgeTheOutage, []judge.Rule{{Name: "survived-outage"}}},
	"WaitForSlowAnswers":      {matchers.WaitForSlowAnswers, []judge.Rule{{Name: "slow-answers"}}},
	"ReopenTheWatch":          {matchers.ReopenTheWatch, []judge.Rule{{Name: "watch-reopened"}}},
	"ShowWhatIsNew": {
		func() types.GomegaMatcher { return matchers.ShowWhatIsNew(3) },
		[]judge.Rule{{Name: "expiries-crossed", Count: 3}, {Name: "page-alive", Count: 3}, {Name: "never-reloaded"}},
	},
	"SendAccessTokensAlone":   {matchers.SendAccessTokensAlone, []judge.Rule{{Name: "access-token-throughout"}}},
	"BeUsableAfterTheImport":  {matchers.BeUsableAfterTheImport, []judge.Rule{{Name: "usable-after-reimport"}}},
	"BeUsableAfterTheRestart": {matchers.BeUsableAfterTheRestart, []judge.Rule{{Name: "usable-after-restart"}}},
	"BeServedAcrossReplicas":  {matchers.BeServedAcrossReplicas, []judge.Rule{{Name: "session-across-replicas"}}},
	"NeverBeSentBackToLogin": {
		matchers.NeverBeSentBackToLogin, []judge.Rule{{Name: "never-sent-back"}, {Name: "logged-in-once"}},
	},
	"HoldEachCluster": {
		func() types.GomegaMatcher { return matchers.HoldEachCluster(3) },
		[]judge.Rule{{Name: "each-cluster-held", Count: 3}},
	},
	"HaveRefreshed": {
		func() types.GomegaMatcher { return matchers.HaveRefreshed(3) },
		[]judge.Rule{{Name: "expiries-crossed", Count: 3}, {Name: "refreshed", Count: 3}},
	},
	"BeServedAroundExpiry": {
		func() types.GomegaMatcher { return matchers.BeServedAroundExpiry(3) },
		[]judge.Rule{{Name: "expiries-crossed", Count: 3}, {Name: "served-around-expiry", Count: 3}},
	},
	"StayConnected": {
		func() types.GomegaMatcher { return matchers.StayConnected(3) },
		[]judge.Rule{
			{Name: "expiries-crossed", Count: 3}, {Name: "no-lost-connection"}, {Name: "stayed-on-page"}, {Name: "page-alive", Count: 3},
			{Name: "no-blip"}, {Name: "served-around-expiry", Count: 3}, {Name: "refreshed", Count: 3}, {Name: "logged-in-once"},
		},
	},
}

func TestAMatcherAssertsItsRulesAndNoOther(t *testing.T) {
	t.Parallel()
	for name, c := range all {
		seen := &observed{}
		matched, err := c.matcher().Match(seen)
		if err != nil || !matched {
			t.Errorf("%s: %v, %v", name, matched, err)
		}
		if !slices.Equal(seen.asserted, c.rules) {
			t.Errorf("%s asserts %v, want %v", name, seen.asserted, c.rules)
		}
	}
}

func TestEveryRuleCanBeAsserted(t *testing.T) {
	t.Parallel()
	for _, name := range judge.Names() {
		found := false
		for _, c := range all {
			found = found || slices.ContainsFunc(c.rules, func(rule judge.Rule) bool { return rule.Name == name })
		}
		if !found {
			t.Errorf("no matcher asserts the rule %s", name)
		}
	}
	for name, c := range all {
		for _, rule := range c.rules {
			if !slices.Contains(judge.Names(), rule.Name) {
				t.Errorf("%s asserts the rule %s, which there is not", name, rule.Name)
			}
		}
	}
}

func TestEveryBrokenRuleFailsItsMatcherAndIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range all {
		for _, broken := range c.rules {
			seen := &observed{breaks: map[string][]judge.Finding{broken.Name: {
				{Symptom: judge.Unauthorized, At: noon.Add(1500 * time.Millisecond), Text: "a request was answered 401"},
				{Symptom: judge.NothingSeen, Text: "nothing was seen"},
			}}}
			matcher := c.matcher()
			matched, err := matcher.Match(seen)
			if err != nil || matched {
				t.Errorf("%s with a broken %s: %v, %v", name, broken.Name, matched, err)
			}
			want := broken.Name + ": 12:00:01.500: a request was answered 401\n" + broken.Name + ": never: nothing was seen"
			if got := matcher.FailureMessage(seen); got != want {
				t.Errorf("%s with a broken %s says %q, want %q", name, broken.Name, got, want)
			}
			if len(seen.asserted) != len(c.rules) {
				t.Errorf("%s with a broken %s asserts %v alone: a report has to show everything that broke", name, broken.Name, seen.asserted)
			}
		}
	}
}

func TestTimesAreToldInUTC(t *testing.T) {
	t.Parallel()
	elsewhere := noon.In(time.FixedZone("elsewhere", 5*60*60))
	matcher := matchers.HaveLoggedInOnce()
	_, _ = matcher.Match(&observed{breaks: map[string][]judge.Finding{"logged-in-once": {{At: elsewhere, Text: "x"}}}})
	if got := matcher.FailureMessage(nil); got != "logged-in-once: 12:00:00.000: x" {
		t.Errorf("got %q", got)
	}
}

func TestAMatcherForgetsWhatItMatchedBefore(t *testing.T) {
	t.Parallel()
	matcher := matchers.HaveLoggedInOnce()
	if matched, _ := matcher.Match(&observed{breaks: map[string][]judge.Finding{"logged-in-once": {{Text: "x"}}}}); matched {
		t.Error("a broken rule matched")
	}
	if matched, _ := matcher.Match(&observed{}); !matched {
		t.Error("a kept rule did not match")
	}
}

func TestANegatedMatcherNamesItsRules(t *testing.T) {
	t.Parallel()
	for name, c := range all {
		message := c.matcher().NegatedFailureMessage(nil)
		for _, rule := range c.rules {
			if !strings.Contains(message, rule.Name) {
				t.Errorf("%s says %q", name, message)
			}
		}
	}
}

func TestWhatNobodyObservedIsNoMatchButAMistake(t *testing.T) {
	t.Parallel()
	for name, c := range all {
		for _, actual := range []any{nil, "text", 3} {
			if matched, err := c.matcher().Match(actual); err == nil || matched || !strings.Contains(err.Error(), "observed") {
				t.Errorf("%s of a %T: %v, %v", name, actual, matched, err)
			}
		}
	}
}
