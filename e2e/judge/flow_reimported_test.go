package judge_test

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// reimportedFlow is a session whose realm is imported anew: its next refresh is
// refused, the page asks for a login, and goes on after it.
func reimportedFlow() flow {
	const rule = "usable-after-reimport"
	return flow{rules: []string{rule}, line: reimported, broken: []broken{
		{
			rule: rule, how: "without an import", symptom: judge.NothingSeen, says: "never imported anew",
			change: without(doing(timeline.RealmReimported)),
		},
		{
			rule: rule, how: "when nobody logged in after it", symptom: judge.LoginNotOffered, says: "nobody logged in",
			change: without(func(e timeline.Event) bool { return e.Kind == timeline.Login && e.At.After(noon.Add(10*time.Second)) }),
		},
		{
			rule: rule, how: "by a second login after it", symptom: judge.LoggedInAgain, says: "after the import Keycloak stored more than one login",
			change: afterIt(storedByKeycloak(timeline.Login, "headlamp")),
		},
		{
			rule: rule, how: "when no expiry was crossed after it", symptom: judge.ExpiryNotCrossed, says: "after the import no expiry was crossed",
			change: without(is(timeline.Suite, timeline.ExpiryCrossed)),
		},
		{
			rule: rule, how: "when nothing new appears any more", symptom: judge.PageNotAlive, says: "never appeared",
			change: without(seenAs("alive-1")),
		},
		{
			rule: rule, how: "when the alert stays", symptom: judge.LostConnection, says: "after the import the page said",
			change: afterIt(timeline.Event{Witness: timeline.Page, Kind: timeline.AlertShown, Tab: tab, Text: "Lost connection to the cluster."}),
		},
		{
			rule: rule, how: "when nothing succeeds any more", symptom: judge.NotServed, says: "past the expiry after the import",
			change: unserved(1, afterExpiry),
		},
	}}
}

// afterIt adds an event when the page has shown that it is alive.
func afterIt(event timeline.Event) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		seen := line.Select(seenAs("alive-1"))[0]
		line.Events = append(line.Events, at(event, seen.At.Add(time.Millisecond)))
	}
}

func reimported(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.page(tab, timeline.Routed, home+"/namespaces")
	w.request("GET", "/api/v1/namespaces", http.StatusOK)
	w.suite(timeline.Event{Kind: timeline.HoldBegan, Tab: tab})
	w.did(timeline.RealmReimported)
	had := *w.token
	w.step(lifetime - 10*time.Second)
	w.add(storedByKeycloak(timeline.RefreshError, "headlamp"))
	w.token = nil
	w.request("GET", "/healthz", http.StatusUnauthorized)
	w.page(tab, timeline.AlertShown, "Lost connection to the cluster.")
	w.page(tab, timeline.Routed, home+"/login")
	w.step(25 * time.Second)
	w.suite(timeline.Event{Kind: timeline.ExpiryCrossed, Count: 1, Token: &had})
	w.logInAgain()
	w.suite(timeline.Event{Kind: timeline.ObjectCreated, Text: "alive-1", Count: 1})
	w.step(200 * time.Millisecond)
	w.page(tab, timeline.ObjectSeen, "alive-1")
	w.suite(timeline.Event{Kind: timeline.HoldEnded})
	w.line.Sort()
	return w.line
}

// logInAgain is a login on a page that asks for one, and the list that is opened
// after it.
func (w *writer) logInAgain() {
	w.step(time.Second)
	w.keycloak(timeline.Login, "LOGIN", "headlamp")
	w.newToken()
	w.page(tab, timeline.Routed, home+"/namespaces")
	w.request("GET", "/api/v1/namespaces", http.StatusOK)
}
