package judge_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

var endRules = []string{"refused-after-end", "login-offered", "no-token-storm", "revoked-at-once"}

// ended is the timeline of a session that an administrator ends: the next refresh
// is refused, and the page asks for a login. What is asked from then on is
// anonymous.
func ended(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.request("GET", "/api/v1/namespaces", http.StatusOK)
	w.did(timeline.SessionsEnded)
	for w.now.Before(w.token.ExpiresAt.Add(-10 * time.Second)) {
		w.step(5 * time.Second)
		w.request("GET", "/healthz", http.StatusOK)
	}
	w.step(5 * time.Second)
	w.add(storedByKeycloak(timeline.RefreshError, "headlamp"))
	w.add(timeline.Event{Witness: timeline.Front, Kind: timeline.Responded, Request: &timeline.Request{
		Method: "GET", URL: "/clusters/main/healthz", Status: http.StatusUnauthorized, Began: w.now, CookieToken: w.token,
		SetCookies: []timeline.Cookie{{Name: "headlamp-auth-main.0", Deleted: true}},
	}})
	w.page(tab, timeline.Routed, home+"/login")
	w.step(100 * time.Millisecond)
	over := w.token.ExpiresAt.Add(11 * time.Second)
	w.token = nil
	for !w.now.After(over) {
		w.step(5 * time.Second)
		w.request("GET", "/healthz", http.StatusOK)
	}
	w.step(time.Second)
	w.request("GET", "/api/v1/namespaces", http.StatusForbidden)
	w.did(timeline.LoginAwaited)
	w.line.Sort()
	return w.line
}

func TestRulesOfSessionsThatEndOrSleepOrGoOnAreKeptInEveryMode(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"token", "proxy", "native"} {
		for _, flow := range []flow{
			{rules: endRules, line: ended}, {rules: renewalRules, line: renewed},
			{rules: sleepRules, line: slept}, {rules: offlineRules, line: sleptOffline},
		} {
			for _, name := range flow.rules {
				for _, finding := range check(flow.line(mode), name) {
					t.Errorf("mode %s: %s: %s: %s", mode, finding.Rule, finding.Symptom, finding.Text)
				}
			}
		}
	}
}

// Headlamp forwards the old token until the API server refuses it: that is no
// lingering access.
func TestAnOldTokenMayBeForwardedUntilItIsWorthless(t *testing.T) {
	t.Parallel()
	line := ended("token")
	forwardedLate(9 * time.Second)(&line)
	line.Sort()
	if findings := check(line, "refused-after-end"); len(findings) > 0 {
		t.Errorf("got %v", findings)
	}
}

// Without an end at Keycloak, the session is over when its last token expires.
func TestALoginIsDueWhenTheLastTokenExpires(t *testing.T) {
	t.Parallel()
	line := ended("token")
	without(acted(timeline.SessionsEnded))(&line)
	if findings := check(line, "login-offered"); len(findings) > 0 {
		t.Errorf("got %v", findings)
	}
	without(func(e timeline.Event) bool {
		return e.Request != nil && (e.Request.Bearer != nil || e.Request.CookieToken != nil)
	})(&line)
	if findings := check(line, "login-offered"); len(findings) != 1 || findings[0].Symptom != judge.NothingSeen {
		t.Errorf("without tokens: %v", findings)
	}
}

// forwardedLate adds a request of the user's that the API server served, some time
// after the only token's expiry.
func forwardedLate(after time.Duration) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		token := line.Tokens()[0]
		event := responded(timeline.Tap, "/api/v1/namespaces", http.StatusOK)
		event.Request.Bearer, event.Request.Began = &token, token.ExpiresAt.Add(after)
		line.Events = append(line.Events, at(event, event.Request.Began))
	}
}

// lateAtTap fits the requests that came to the tap when nothing was served any
// more.
func lateAtTap(e timeline.Event) bool {
	return e.Witness == timeline.Tap && e.Request != nil && e.Request.Began.After(noon.Add(lifetime+13*time.Second))
}

func lateTrial(witness timeline.Witness) func(timeline.Event) bool {
	return func(e timeline.Event) bool {
		return e.Witness == witness && e.Request != nil && e.Request.Status == http.StatusForbidden && e.Request.Began.After(noon.Add(lifetime))
	}
}

func brokenEnds() []broken {
	return []broken{
		{
			rule: "refused-after-end", how: "when no session was ended", symptom: judge.NothingSeen, says: "no session was ended",
			change: without(acted(timeline.SessionsEnded)), also: []string{"no-token-storm", "revoked-at-once"},
		},
		{
			rule: "refused-after-end", how: "when no token was seen", symptom: judge.NothingSeen, says: "no token from before",
			change: func(line *timeline.Timeline) {
				for i, event := range line.Events {
					if event.Request != nil && event.Request.Bearer != nil {
						token := *event.Request.Bearer
						token.Issuer = "https://elsewhere"
						line.Events[i].Request.Bearer = &token
					}
					if event.Request != nil && event.Request.CookieToken != nil {
						line.Events[i].Request.CookieToken = nil
					}
				}
			},
			also: []string{"login-offered"},
		},
		{
			rule: "refused-after-end", how: "when nothing succeeded before", symptom: judge.NothingSeen, says: "nothing of the user succeeded before",
			change: func(line *timeline.Timeline) {
				end := line.Select(acted(timeline.SessionsEnded))[0]
				among(func(e timeline.Event) bool { return e.Witness == timeline.Tap && !e.At.After(end.At) }, status(http.StatusForbidden))(line)
			},
			also: []string{"revoked-at-once"},
		},
		{
			rule: "refused-after-end", how: "when nothing was tried", symptom: judge.NothingSeen, says: "nothing was asked of the dashboard after",
			change: without(func(e timeline.Event) bool {
				return e.Witness == timeline.Front && e.Request.Began.After(noon.Add(lifetime+12*time.Second))
			}),
		},
		{
			rule: "refused-after-end", how: "by a token that was accepted", symptom: judge.StillServed, says: "served GET /api/v1/namespaces as dev",
			change: forwardedLate(12 * time.Second), also: []string{"revoked-at-once"},
		},
		{
			rule: "refused-after-end", how: "by the dashboard's own account", symptom: judge.StillServed, says: "as another account than the user's",
			change: among(nth(0, lateAtTap), func(e *timeline.Event) {
				account := *e.Request
				token := *ended("native").Of(timeline.Tap, timeline.Responded)[1].Request.Bearer
				account.Bearer = &token
				e.Request = &account
			}),
		},
		{
			rule: "refused-after-end", how: "by what the dashboard remembers", symptom: judge.StillServed, says: "the dashboard answered GET /clusters/main/api/v1/namespaces with 200",
			change: among(lateTrial(timeline.Front), status(http.StatusOK)),
		},
		{
			rule: "refused-after-end", how: "when the audit log says so", symptom: judge.StillServed, says: "the audit log has get /api/v1/namespaces of dev",
			change: among(func(e timeline.Event) bool {
				return e.Record != nil && e.Record.Code == http.StatusForbidden && e.Record.Received.After(noon.Add(lifetime))
			},
				func(e *timeline.Event) { e.Record.User, e.Record.Code = user, http.StatusOK }),
		},

		{
			rule: "login-offered", how: "without a login before", symptom: judge.NotLoggedIn, says: "never loaded",
			change: without(is(timeline.Suite, timeline.LoggedIn)),
		},
		{
			rule: "login-offered", how: "when the page was not observed", symptom: judge.NothingSeen, says: "told no route",
			change: without(routesOfTheTab),
		},
		{
			rule: "login-offered", how: "by a page that stays", symptom: judge.LoginNotOffered, says: "and said Lost connection",
			change: func(line *timeline.Timeline) {
				login, _ := line.First(timeline.Suite, timeline.LoggedIn)
				among(func(e timeline.Event) bool { return routesOfTheTab(e) && e.At.After(login.At) }, func(e *timeline.Event) {
					*e = at(timeline.Event{Witness: timeline.Page, Kind: timeline.AlertShown, Tab: tab, Text: "Lost connection"}, e.At)
				})(line)
			},
		},
		{
			rule: "login-offered", how: "when it was not waited for", symptom: judge.NothingSeen, says: "not given the time",
			change: all(without(func(e timeline.Event) bool { return routesOfTheTab(e) && e.At.After(noon.Add(10*time.Second)) }), without(acted(timeline.LoginAwaited))),
		},
		{
			rule: "login-offered", how: "before the end", symptom: judge.LeftThePage, says: "while the session lived",
			change: func(line *timeline.Timeline) {
				login, _ := line.First(timeline.Suite, timeline.LoggedIn)
				line.Events = append(line.Events, at(routed(tab, "/c/main/login"), login.At.Add(1)))
			},
		},
		{
			rule: "login-offered", how: "by a page that goes back", symptom: judge.LoginNotOffered, says: "nobody logged in when it went to /c/main/",
			change: func(line *timeline.Timeline) {
				awaited := line.Select(acted(timeline.LoginAwaited))[0]
				line.Events = append(line.Events, at(routed(tab, "/c/main/"), awaited.At))
			},
		},

		{
			rule: "no-token-storm", how: "when no session was ended", symptom: judge.NothingSeen, says: "no session was ended",
			change: without(acted(timeline.SessionsEnded)), also: []string{"refused-after-end", "revoked-at-once"},
		},
		{
			rule: "no-token-storm", how: "when Keycloak told nothing", symptom: judge.NothingSeen, says: "stored no login",
			change: without(is(timeline.Keycloak, timeline.Login)),
		},
		{
			rule: "no-token-storm", how: "by a storm", symptom: judge.TokenStorm, says: "was asked for tokens 50 times",
			change: func(line *timeline.Timeline) {
				refused := line.Of(timeline.Keycloak, timeline.RefreshError)[0]
				for i := range 49 {
					line.Events = append(line.Events, at(refused, refused.At.Add(time.Duration(i)*10*time.Millisecond)))
				}
			},
		},

		{
			rule: "revoked-at-once", how: "when no session was ended", symptom: judge.NothingSeen, says: "no session was ended",
			change: without(acted(timeline.SessionsEnded)), also: []string{"refused-after-end", "no-token-storm"},
		},
		{
			rule: "revoked-at-once", how: "when no refresh was tried", symptom: judge.NotRefreshed, says: "no refresh was tried",
			change: without(is(timeline.Keycloak, timeline.RefreshError)),
		},
		{
			rule: "revoked-at-once", how: "by the old token, forwarded", symptom: judge.StillForwarded, says: "tap: GET /api/v1/namespaces went out as dev",
			change: forwardedLate(time.Second),
		},
		{
			rule: "revoked-at-once", how: "when the cookie stays", symptom: judge.SessionKept, says: "taken away",
			change: among(func(e timeline.Event) bool {
				return e.Witness == timeline.Front && e.Request.Status == http.StatusUnauthorized
			},
				func(e *timeline.Event) { e.Request.SetCookies = nil }),
		},
		{
			rule: "revoked-at-once", how: "when nothing was asked later", symptom: judge.NothingSeen, says: "nothing was asked",
			change: func(line *timeline.Timeline) {
				refused := line.Of(timeline.Keycloak, timeline.RefreshError)[0]
				without(func(e timeline.Event) bool {
					return e.Witness == timeline.Front && e.At.After(refused.At.Add(time.Second))
				})(line)
			},
			also: []string{"refused-after-end"},
		},
	}
}
