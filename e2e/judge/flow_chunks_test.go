package judge_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// manyGroups is a session whose token needs four cookies, and then one.
func manyGroups(mode string) timeline.Timeline {
	w := entrance(mode)
	w.logIn()
	keep := func(chunks int) {
		set := make([]timeline.Cookie, chunks)
		for i := range set {
			set[i] = timeline.Cookie{Name: fmt.Sprintf("headlamp-auth-main.%d", i), Hash: fmt.Sprintf("of-%d-%d", chunks, i)}
		}
		w.request("GET", "/healthz", http.StatusOK)
		w.last(timeline.Front).SetCookies = append(set, timeline.Cookie{Name: fmt.Sprintf("headlamp-auth-main.%d", chunks), Deleted: true}, timeline.Cookie{Name: "theme"})
		w.step(time.Second)
		w.request("GET", "/healthz", http.StatusOK)
		w.step(time.Second)
		for _, cookie := range append(set, timeline.Cookie{Name: "theme"}) {
			w.add(timeline.Event{Witness: timeline.Page, Kind: timeline.CookieKept, Tab: tab, Cookie: &cookie})
		}
		w.step(time.Second)
	}
	w.token.Groups = make([]string, 200)
	keep(4)
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.GroupsTaken})
	w.newToken()
	keep(1)
	return w.told()
}

// keptLater adds a cookie to what the browser keeps in the end.
func keptLater(name string) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		last := line.Events[len(line.Events)-1].At
		line.Events = append(line.Events, at(timeline.Event{
			Witness: timeline.Page, Kind: timeline.CookieKept, Tab: tab, Cookie: &timeline.Cookie{Name: name, Hash: "stale"},
		}, last))
	}
}

// chunksFlow is a session that is too large for one cookie.
func chunksFlow() flow {
	return flow{rules: []string{"chunks-consistent"}, line: manyGroups, broken: brokenChunks()}
}

func brokenChunks() []broken {
	few := func(e timeline.Event) bool {
		return e.Witness == timeline.Front && e.Request != nil && e.Request.CookieToken != nil && len(e.Request.CookieToken.Groups) == 0
	}
	return []broken{
		{rule: "chunks-consistent", how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded", change: without(is(timeline.Suite, timeline.LoggedIn))},
		{rule: "chunks-consistent", how: "when no groups were taken", symptom: judge.NothingSeen, says: "no groups were taken", change: without(is(timeline.Suite, timeline.Acted))},
		{
			rule: "chunks-consistent", how: "when the token was small", symptom: judge.NothingSeen, says: "in 2 cookies, of 3",
			change: without(func(e timeline.Event) bool {
				return e.Kind == timeline.CookieKept && (e.Cookie.Hash == "of-4-2" || e.Cookie.Hash == "of-4-3")
			}),
		},
		{
			rule: "chunks-consistent", how: "when the browser was not looked at in the end", symptom: judge.NothingSeen, says: "after the groups were taken",
			change: without(func(e timeline.Event) bool { return e.Kind == timeline.CookieKept && e.Cookie.Hash == "of-1-0" }),
		},
		{rule: "chunks-consistent", how: "by a cookie of the larger token", symptom: judge.StaleChunk, says: "never set together", change: keptLater("headlamp-auth-main.1")},
		{
			rule: "chunks-consistent", how: "by all cookies of the larger token", symptom: judge.StaleChunk, says: "keeps 4 cookies of the token, and with many it kept 4",
			change: all(keptLater("headlamp-auth-main.1"), keptLater("headlamp-auth-main.2"), keptLater("headlamp-auth-main.3")),
		},
		{
			rule: "chunks-consistent", how: "when the smaller token was of no use", symptom: judge.NotServed, says: "token of few groups",
			change: among(few, func(e *timeline.Event) { e.Request.Status = http.StatusUnauthorized }),
		},
	}
}
