package judge_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const loggedOutAmid = "logout-outlasts-renewals"

// loggedOutInMidRenewal is a session that ends with a logout amid requests that renew
// it: one is served in time, another is refused, and nothing is left.
func loggedOutInMidRenewal(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.use()
	w.page(tab, timeline.Searched, cookieJar)
	w.now = w.token.ExpiresAt.Add(-9 * time.Second)
	w.did(timeline.LoggedOut)
	w.keycloak(timeline.Refresh, "REFRESH_TOKEN", "headlamp")
	w.request("GET", "/api/v1/namespaces/kube-system", http.StatusOK)
	w.request("GET", "/api/v1/namespaces/kube-system", http.StatusUnauthorized)
	w.keycloak(timeline.OtherEvent, "LOGOUT", "headlamp")
	w.page(tab, timeline.Routed, home+"/login")
	w.step(time.Second)
	w.did(timeline.BurstAnswered)
	w.step(time.Millisecond)
	w.page(tab, timeline.Searched, cookieJar)
	// Who asks without a session may be told as much.
	w.token = nil
	w.request("GET", "/healthz", http.StatusOK)
	w.step(time.Second)
	w.page(tab, timeline.Routed, "/")
	w.page(tab, timeline.Routed, home+"/login")
	w.suite(timeline.Event{Kind: timeline.Reloaded, Tab: tab})
	w.step(time.Millisecond)
	w.page(tab, timeline.Searched, cookieJar)
	w.line.Sort()
	return w.line
}

// afterBurst adds an event some time after all had been answered.
func afterBurst(by time.Duration, event timeline.Event) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		for _, e := range line.Events {
			if did(timeline.BurstAnswered)(e) {
				if event.Request != nil {
					event.Request.Began = e.At.Add(by)
				}
				line.Events = append(line.Events, at(event, e.At.Add(by)))
				return
			}
		}
	}
}

func logoutRenewalFlow() flow {
	looks := func(e timeline.Event) bool { return e.Kind == timeline.Searched && e.Text == cookieJar }
	burst := func(e timeline.Event) bool {
		return e.Witness == timeline.Front && e.Request != nil && e.Request.URL == "/clusters/main/api/v1/namespaces/kube-system"
	}
	token := loggedOutInMidRenewal("token").Tokens()[0]
	served := timeline.Event{Witness: timeline.Front, Kind: timeline.Responded, Request: &timeline.Request{
		Method: "GET", URL: "/clusters/main/api/v1/namespaces", Status: http.StatusOK, CookieToken: &token,
	}}
	return flow{
		rules: []string{loggedOutAmid},
		line:  loggedOutInMidRenewal,
		broken: []broken{
			{rule: loggedOutAmid, how: "without a logout", symptom: judge.NothingSeen, says: "nobody logged in, and out", change: without(did(timeline.LoggedOut))},
			{rule: loggedOutAmid, how: "when nobody waited for the answers", symptom: judge.NothingSeen, says: "that were answered", change: without(did(timeline.BurstAnswered))},
			{rule: loggedOutAmid, how: "when there was no cookie before", symptom: judge.NothingSeen, says: "kept no session cookie", change: without(is(timeline.Page, timeline.CookieKept))},
			{rule: loggedOutAmid, how: "when no request was beside it", symptom: judge.NothingSeen, says: "came with a token that had to be renewed", change: without(burst)},
			{
				rule: loggedOutAmid, how: "when the token was renewed before", symptom: judge.NothingSeen, says: "came with a token that had to be renewed",
				change: among(burst, func(e *timeline.Event) {
					fresh := *e.Request.CookieToken
					fresh.ExpiresAt = fresh.ExpiresAt.Add(lifetime)
					e.Request.CookieToken = &fresh
				}),
			},
			{rule: loggedOutAmid, how: "when nothing renewed the session", symptom: judge.NothingSeen, says: "nobody tried to renew the session", change: without(is(timeline.Keycloak, timeline.Refresh))},
			{
				rule: loggedOutAmid, how: "when it was renewed later", symptom: judge.NothingSeen, says: "nobody tried to renew the session",
				change: among(is(timeline.Keycloak, timeline.Refresh), func(e *timeline.Event) { e.At = e.At.Add(time.Minute) }),
			},
			{rule: loggedOutAmid, how: "when the page was not opened anew", symptom: judge.NothingSeen, says: "nobody opened the page anew", change: without(is(timeline.Suite, timeline.Reloaded))},
			{rule: loggedOutAmid, how: "when the page told nothing", symptom: judge.NothingSeen, says: "told no route", change: without(routesOfTheTab)},
			{rule: loggedOutAmid, how: "when nobody looked at last", symptom: judge.NothingSeen, says: "nobody looked at the browser's cookies", change: without(nth(2, looks))},
			{
				rule: loggedOutAmid, how: "by a cookie that comes back", symptom: judge.CookieStays, says: "headlamp-auth-main.0",
				change: afterBurst(time.Millisecond, timeline.Event{
					Witness: timeline.Page, Kind: timeline.CookieKept, Tab: tab, Cookie: &timeline.Cookie{Name: "headlamp-auth-main.0"},
				}),
			},
			{
				rule: loggedOutAmid, how: "by a token that comes back to the page", symptom: judge.CookieStays, says: "still keeps the token",
				change: afterBurst(time.Millisecond, timeline.Event{Witness: timeline.Page, Kind: timeline.TokenExposed, Tab: tab, Text: "localStorage", Token: &token}),
			},
			{rule: loggedOutAmid, how: "by serving the session", symptom: judge.StillIn, says: "was served with the session's cookie", change: afterBurst(time.Second, served)},
			{rule: loggedOutAmid, how: "by showing the overview", symptom: judge.StillIn, says: "the page was at /c/main/", change: among(nth(6, routesOfTheTab), text(home+"/"))},
		},
	}
}

func TestARenewalThatKeycloakRefusedWasUnderWayAtTheLogoutToo(t *testing.T) {
	t.Parallel()
	line := loggedOutInMidRenewal("token")
	among(is(timeline.Keycloak, timeline.Refresh), func(e *timeline.Event) { e.Kind = timeline.RefreshError })(&line)
	for _, finding := range check(line, loggedOutAmid) {
		t.Errorf("%s: %s", finding.Symptom, finding.Text)
	}
}
