package judge_test

import (
	"slices"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// loggedInRules are those that have nothing to look at without a login.
var loggedInRules = []string{"logged-in-once", "no-lost-connection", "never-sent-back", "no-blip", "own-token-throughout", "trusted-private-issuer"}

func otherThan(name string, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}

// neverLoggedIn breaks one of loggedInRules.
func neverLoggedIn(rule string) broken {
	return broken{
		rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
		change: without(is(timeline.Suite, timeline.LoggedIn)), also: otherThan(rule, loggedInRules),
	}
}

func storedByKeycloak(kind timeline.Kind, client string) timeline.Event {
	return timeline.Event{Witness: timeline.Keycloak, Kind: kind, Identity: &timeline.Identity{
		Client: client, Error: "some_error", Details: map[string]string{"reason": "some reason"},
	}}
}

// setByFront fits the answer that sets the session's first cookies.
func setByFront() func(timeline.Event) bool {
	return nth(0, func(e timeline.Event) bool { return e.Witness == timeline.Front && len(e.Request.SetCookies) > 0 })
}

func foreignTokens(line *timeline.Timeline) {
	for _, event := range line.Events {
		if event.Request == nil {
			continue
		}
		for _, token := range []*redact.Token{event.Request.Bearer, event.Request.CookieToken} {
			if token != nil {
				token.Issuer = "https://elsewhere"
			}
		}
	}
}

func brokenLogins() []broken {
	return []broken{
		neverLoggedIn("logged-in-once"),
		{
			rule: "logged-in-once", how: "when Keycloak knows of no login", symptom: judge.NotLoggedIn, says: `no login of the client "headlamp"`,
			change: without(func(e timeline.Event) bool { return e.Kind == timeline.Login && e.Identity.Client == "headlamp" }),
		},
		{
			rule: "logged-in-once", how: "by another login", symptom: judge.LoggedInAgain, says: "made anew",
			change: during(storedByKeycloak(timeline.Login, "headlamp")),
		},
		{
			rule: "logged-in-once", how: "by a refused login", symptom: judge.LoginRefused, says: "some_error",
			change: during(storedByKeycloak(timeline.LoginError, "headlamp")),
		},
		{
			rule: "logged-in-once", how: "by a login refused before its client was known", symptom: judge.LoginRefused, says: "some_error",
			change: during(storedByKeycloak(timeline.LoginError, "")),
		},

		{
			rule: "token-hidden", how: "when there was no token to find", symptom: judge.NothingSeen, says: "no token of the user",
			change: foreignTokens, also: []string{"own-token-throughout", "trusted-private-issuer"},
		},
		{
			rule: "token-hidden", how: "when a place was not searched", symptom: judge.NothingSeen, says: "sessionStorage",
			change: without(func(e timeline.Event) bool { return e.Text == "sessionStorage" }),
		},
		{
			rule: "token-hidden", how: "when the search came before the token", symptom: judge.NothingSeen, says: "after there was one",
			change: among(is(timeline.Page, timeline.Searched), func(e *timeline.Event) { e.At = noon }),
		},
		{
			rule: "token-hidden", how: "by a token in localStorage", symptom: judge.TokenReadable, says: "token-9 can be read in localStorage",
			change: during(timeline.Event{Witness: timeline.Page, Kind: timeline.TokenExposed, Text: "localStorage", Token: &redact.Token{Hash: "token-9"}}),
		},
		{
			rule: "token-hidden", how: "by a token in the login's window", symptom: judge.TokenReadable, says: "the URL of a request",
			change: during(timeline.Event{Witness: timeline.Page, Tab: window, Kind: timeline.TokenExposed, Text: "the URL of a request", Token: &redact.Token{}}),
		},

		{
			rule: "cookie-guarded", how: "when the front saw none", symptom: judge.NothingSeen, says: "the front saw no session cookie",
			change: among(is(timeline.Front, timeline.Responded), func(e *timeline.Event) { e.Request.SetCookies = nil }),
		},
		{
			rule: "cookie-guarded", how: "when the browser keeps none", symptom: judge.NothingSeen, says: "the browser was seen to keep no",
			change: without(is(timeline.Page, timeline.CookieKept)),
		},
		{
			rule: "cookie-guarded", how: "without HttpOnly", symptom: judge.CookieUnguarded, says: "the dashboard set the session cookie headlamp-auth-main.0 without HttpOnly",
			change: among(setByFront(), func(e *timeline.Event) { e.Request.SetCookies[0].HTTPOnly = false }),
		},
		{
			rule: "cookie-guarded", how: "without Secure, in the browser", symptom: judge.CookieUnguarded, says: "the browser keeps the session cookie headlamp-auth-main.0 without Secure",
			change: among(nth(0, is(timeline.Page, timeline.CookieKept)), func(e *timeline.Event) { e.Cookie.Secure = false }),
		},
		{
			rule: "cookie-guarded", how: "with SameSite=None", symptom: judge.CookieUnguarded, says: "without SameSite",
			change: among(nth(0, is(timeline.Page, timeline.CookieKept)), func(e *timeline.Event) { e.Cookie.SameSite = "None" }),
		},
		{
			rule: "cookie-guarded", how: "by the refresh token's cookie", symptom: judge.CookieUnguarded, says: "headlamp-refresh-main.0 without HttpOnly, Secure, SameSite",
			change: among(setByFront(), func(e *timeline.Event) {
				e.Request.SetCookies[1] = timeline.Cookie{Name: e.Request.SetCookies[1].Name}
			}),
		},
		{
			rule: "cookie-guarded", how: "by a cookie of any name that holds a token", symptom: judge.CookieUnguarded, says: "theme",
			change: among(setByFront(), func(e *timeline.Event) { e.Request.SetCookies[3].Token = &redact.Token{} }),
		},

		neverLoggedIn("trusted-private-issuer"),
		{
			rule: "trusted-private-issuer", how: "when no token is the issuer's", symptom: judge.NothingSeen, says: "no token of the issuer " + issuer,
			change: foreignTokens, also: []string{"own-token-throughout", "token-hidden"},
		},
	}
}
