package judge_test

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// refusedTwice is what Keycloak makes of a scope that the client has not, and of a
// user without the role for it.
func refusedTwice(string) timeline.Timeline {
	w := entrance("token")
	for _, action := range []string{timeline.ScopeTaken, timeline.RoleTaken} {
		w.suite(timeline.Event{Kind: timeline.Acted, Text: action})
		w.step(time.Second)
		w.callback(http.StatusForbidden)
		w.step(time.Second)
		w.suite(timeline.Event{Kind: timeline.Told, Text: "Login failed. The identity provider refused the login."})
		w.step(time.Second)
		w.suite(timeline.Event{Kind: timeline.Offers, Tab: tab})
		w.step(time.Second)
	}
	return w.told()
}

// distrusted is a login at a Keycloak that the API server does not know.
func distrusted(string) timeline.Timeline {
	w := entrance("token")
	w.page(tab, timeline.Routed, home+"/login")
	w.step(time.Second)
	w.keycloak(timeline.Login, "LOGIN", "headlamp")
	w.keycloak(timeline.OtherEvent, "CODE_TO_TOKEN", "headlamp")
	w.newToken()
	w.callback(http.StatusSeeOther, w.cookies()...)
	w.suite(timeline.Event{Kind: timeline.Back, Tab: tab})
	w.page(tab, timeline.Routed, home+"/")
	w.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", http.StatusUnauthorized)
	w.page(tab, timeline.Routed, home+"/login")
	for range 5 {
		w.step(5 * time.Second)
		w.request("GET", "/healthz", http.StatusUnauthorized)
	}
	w.suite(timeline.Event{Kind: timeline.Watched})
	return w.told()
}

// whileDistrusted adds events after a login in vain, a moment apart.
func whileDistrusted(events ...timeline.Event) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		back, _ := line.First(timeline.Suite, timeline.Back)
		for i, event := range events {
			line.Events = append(line.Events, at(event, back.At.Add(time.Second+time.Duration(i))))
		}
	}
}

func repeated(event timeline.Event, times int) []timeline.Event {
	var events []timeline.Event
	for range times {
		events = append(events, event)
	}
	return events
}

func servedBy(bearer *redact.Token) timeline.Event {
	return timeline.Event{Witness: timeline.Tap, Kind: timeline.Responded, Request: &timeline.Request{
		Method: "GET", URL: "/api/v1/namespaces", Status: http.StatusOK, Bearer: bearer,
	}}
}

// refusalFlows are the logins that lead nowhere.
func refusalFlows() []flow {
	return []flow{
		{rules: []string{"refusals-told"}, line: refusedTwice, broken: brokenRefusals()},
		{rules: []string{"distrust-bounded"}, line: distrusted, broken: brokenDistrust()},
	}
}

func brokenRefusals() []broken {
	return []broken{
		{
			rule: "refusals-told", how: "when one was not provoked", symptom: judge.NothingSeen, says: "1 were taken",
			change: without(nth(1, is(timeline.Suite, timeline.Acted))),
		},
		{
			rule: "refusals-told", how: "by a white window", symptom: judge.NotTold, says: "says nothing",
			change: among(nth(1, is(timeline.Suite, timeline.Told)), text(" 500 ")),
		},
		{
			rule: "refusals-told", how: "by a window that was never read", symptom: judge.NotTold, says: "told nothing",
			change: without(nth(0, is(timeline.Suite, timeline.Told))),
		},
		{
			rule: "refusals-told", how: "by a stack trace", symptom: judge.TraceShown, says: "inside of the program",
			change: among(nth(0, is(timeline.Suite, timeline.Told)), func(e *timeline.Event) { e.Level = timeline.ShowsTrace }),
		},
		{
			rule: "refusals-told", how: "when nobody can sign in afterwards", symptom: judge.NotLoggedIn, says: "not seen to offer",
			change: without(nth(0, is(timeline.Suite, timeline.Offers))),
		},
		{
			rule: "refusals-told", how: "when nobody came back", symptom: judge.NothingSeen, says: "saw nobody come back",
			change: without(nth(1, is(timeline.Front, timeline.Responded))),
		},
		{
			rule: "refusals-told", how: "by a session all the same", symptom: judge.ForgedLogin, says: "a session's cookie",
			change: among(nth(0, is(timeline.Front, timeline.Responded)), func(e *timeline.Event) {
				e.Request.SetCookies = []timeline.Cookie{{Name: "headlamp-auth-main.0"}}
			}),
		},
	}
}

func brokenDistrust() []broken {
	account := &redact.Token{Issuer: "https://kubernetes", Subject: "system:serviceaccount:headlamp:headlamp"}
	return []broken{
		{
			rule: "distrust-bounded", how: "when nobody came back", symptom: judge.NotLoggedIn, says: "nobody came back",
			change: without(is(timeline.Suite, timeline.Back)),
		},
		{
			rule: "distrust-bounded", how: "when it was not watched long enough", symptom: judge.NothingSeen, says: "was not watched for",
			change: among(is(timeline.Suite, timeline.Watched), later(-6*time.Second)),
		},
		{
			rule: "distrust-bounded", how: "when Keycloak knows of no login", symptom: judge.NotLoggedIn, says: "stored no login",
			change: without(is(timeline.Keycloak, timeline.Login)),
		},
		{
			rule: "distrust-bounded", how: "by another login", symptom: judge.LoggedInAgain, says: "another login",
			change: whileDistrusted(storedByKeycloak(timeline.Login, "headlamp")),
		},
		{
			rule: "distrust-bounded", how: "by codes without end", symptom: judge.LoginStorm, says: "for tokens 9 times",
			change: whileDistrusted(repeated(timeline.Event{Witness: timeline.Keycloak, Kind: timeline.OtherEvent, Identity: &timeline.Identity{
				Type: "CODE_TO_TOKEN_ERROR", Client: "headlamp",
			}}, 8)...),
		},
		{
			rule: "distrust-bounded", how: "by refreshes without end", symptom: judge.LoginStorm, says: "for tokens 9 times",
			change: whileDistrusted(repeated(storedByKeycloak(timeline.RefreshError, "headlamp"), 8)...),
		},
		{
			rule: "distrust-bounded", how: "by the login page without end", symptom: judge.LoginStorm, says: "to its login 6 times",
			change: whileDistrusted(repeated(routed(tab, home+"/login"), 4)...),
		},
		{
			rule: "distrust-bounded", how: "by the dashboard's own account", symptom: judge.WrongIdentity, says: "to system:serviceaccount:headlamp:headlamp of https://kubernetes",
			change: whileDistrusted(servedBy(account)),
		},
		{
			rule: "distrust-bounded", how: "by nobody", symptom: judge.WrongIdentity, says: "anonymously",
			change: whileDistrusted(servedBy(nil)),
		},
		{
			rule: "distrust-bounded", how: "when nothing was refused", symptom: judge.NothingSeen, says: "no request with the user's token refused",
			change: without(is(timeline.Tap, timeline.Responded)),
		},
		{
			rule: "distrust-bounded", how: "when the page told nothing", symptom: judge.NothingSeen, says: "told no route",
			change: without(is(timeline.Page, timeline.Routed)),
		},
		{
			rule: "distrust-bounded", how: "by a page that shows something else", symptom: judge.LeftThePage, says: "does not ask for a login",
			change: whileDistrusted(routed(tab, home+"/namespaces")),
		},
	}
}
