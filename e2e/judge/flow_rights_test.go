package judge_test

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// deprived is a session whose user loses a right.
func deprived(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	try := func(status int) {
		w.step(time.Second)
		w.request("GET", forbidden, status)
		w.suite(timeline.Event{Kind: timeline.Attempted, Text: forbidden, Count: status})
	}
	try(http.StatusOK)
	w.step(time.Second)
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.RightsTaken})
	try(http.StatusForbidden)
	w.page(tab, timeline.AlertShown, "You have no right to list cluster roles.")
	w.step(5 * time.Second)
	w.request("GET", "/healthz", http.StatusOK)
	// A session that is renewed, and whose cookie becomes smaller.
	w.last(timeline.Front).SetCookies = w.cookies()
	w.line.Sort()
	return w.line
}

func rightsFlow() flow {
	const rule = "taken-right-forbidden"
	late := func(event timeline.Event) func(*timeline.Timeline) {
		return func(line *timeline.Timeline) {
			line.Events = append(line.Events, at(event, line.Events[len(line.Events)-1].At))
		}
	}
	lastAt := func(witness timeline.Witness) func(timeline.Event) bool {
		return func(e timeline.Event) bool {
			return e.Witness == witness && e.Request != nil && (e.Request.URL == "/healthz" || e.Request.URL == "/clusters/main/healthz")
		}
	}
	return flow{
		rules: []string{rule},
		line:  deprived,
		broken: []broken{
			{
				rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: rule, how: "when no right was taken", symptom: judge.NothingSeen, says: "nobody's right",
				change: without(is(timeline.Suite, timeline.Acted)),
			},
			{
				rule: rule, how: "when the user never had it", symptom: judge.NothingSeen, says: "as long as it did",
				change: among(nth(0, is(timeline.Suite, timeline.Attempted)), func(e *timeline.Event) { e.Count = http.StatusForbidden }),
			},
			{
				rule: rule, how: "when nobody tried again", symptom: judge.NothingSeen, says: "nobody tried",
				change: without(nth(1, is(timeline.Suite, timeline.Attempted))),
			},
			{
				rule: rule, how: "by an answer", symptom: judge.StillServed, says: "was answered 200",
				change: among(nth(1, is(timeline.Suite, timeline.Attempted)), func(e *timeline.Event) { e.Count = http.StatusOK }),
			},
			{
				rule: rule, how: "when the API server was never asked", symptom: judge.NothingSeen, says: "the audit log has no request",
				change: without(func(e timeline.Event) bool {
					return e.Record != nil && e.Record.URI == forbidden && e.Record.Code == http.StatusForbidden
				}),
			},
			{
				rule: rule, how: "when nothing succeeds any more", symptom: judge.NotServed, says: "no request of the user succeed",
				change: without(lastAt(timeline.Tap)),
			},
			{
				rule: rule, how: "by a 401", symptom: judge.Unauthorized, says: "GET /clusters/main/healthz was answered 401",
				change: among(lastAt(timeline.Front), status(http.StatusUnauthorized)),
			},
			{
				rule: rule, how: "by a cookie that is taken", symptom: judge.SessionDropped, says: "took the session's cookie",
				change: among(lastAt(timeline.Front), func(e *timeline.Event) {
					e.Request.SetCookies = []timeline.Cookie{{Name: "headlamp-auth-main.0", Deleted: true}, {Name: "theme"}}
				}),
			},
			{
				rule: rule, how: "by another login", symptom: judge.LoggedInAgain, says: "another login",
				change: late(timeline.Event{Witness: timeline.Keycloak, Kind: timeline.Login, Identity: &timeline.Identity{Type: "LOGIN", Client: "headlamp"}}),
			},
			{
				rule: rule, how: "by a banner", symptom: judge.LostConnection, says: "Lost connection",
				change: late(timeline.Event{Witness: timeline.Page, Kind: timeline.AlertShown, Tab: tab, Text: "Lost connection to the cluster."}),
			},
			{
				rule: rule, how: "by a page that asks for a login", symptom: judge.LeftThePage, says: "it went to /c/main/login",
				change: late(timeline.Event{Witness: timeline.Page, Kind: timeline.Routed, Tab: tab, Text: "/c/main/login"}),
			},
		},
	}
}
