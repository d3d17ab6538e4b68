package judge_test

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

var sleepRules = []string{"served-after-thaw"}

// slept is the timeline of a page that was frozen past its token's expiry, and was
// served when it went on.
func slept(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.request("GET", "/healthz", http.StatusOK)
	w.did(timeline.TabFrozen)
	w.step(lifetime + 20*time.Second)
	w.did(timeline.TabThawed)
	w.step(50 * time.Millisecond)
	w.keycloak(timeline.Refresh, "REFRESH_TOKEN", "headlamp")
	former := w.token
	w.newToken()
	w.withCookie(former, "/healthz")
	w.request("GET", "/api/v1/namespaces", http.StatusOK)
	w.line.Sort()
	return w.line
}

func lastAtFront(e timeline.Event) bool {
	return e.Witness == timeline.Front && e.Request != nil && e.Request.CookieToken != nil && e.Request.Began.After(noon.Add(lifetime))
}

func brokenSleeps() []broken {
	return []broken{
		{
			rule: "served-after-thaw", how: "when nothing was frozen", symptom: judge.NothingSeen, says: "no page was frozen",
			change: without(acted(timeline.TabFrozen)),
		},
		{
			rule: "served-after-thaw", how: "when the page went on", symptom: judge.NothingSeen, says: "came while the page was frozen",
			change: func(line *timeline.Timeline) {
				frozen := line.Select(acted(timeline.TabFrozen))[0]
				event := responded(timeline.Front, "/clusters/main/healthz", http.StatusOK)
				line.Events = append(line.Events, at(event, frozen.At.Add(5*time.Second)))
			},
		},
		{
			rule: "served-after-thaw", how: "when its token was good", symptom: judge.NothingSeen, says: "without a token that had expired",
			change: among(nth(0, lastAtFront), func(e *timeline.Event) {
				token := *e.Request.CookieToken
				token.ExpiresAt = e.At
				e.Request.CookieToken = &token
			}),
		},
		{
			rule: "served-after-thaw", how: "by a 401", symptom: judge.Unauthorized, says: "front: GET /clusters/main/healthz was answered 401",
			change: among(nth(0, lastAtFront), status(http.StatusUnauthorized)),
		},
		{
			rule: "served-after-thaw", how: "by the login", symptom: judge.LeftThePage, says: "asked for a login",
			change: func(line *timeline.Timeline) {
				thawed := line.Select(acted(timeline.TabThawed))[0]
				line.Events = append(line.Events, at(routed(tab, "/c/main/login"), thawed.At.Add(1)))
			},
		},
		{
			rule: "served-after-thaw", how: "when nothing was asked", symptom: judge.NothingSeen, says: "nothing was asked",
			change: without(lastAtFront),
		},
		{
			rule: "served-after-thaw", how: "when nothing was served", symptom: judge.NotServed, says: "no request was served",
			change: among(lastAtFront, status(http.StatusTooManyRequests)),
		},
	}
}

var offlineRules = []string{"recovered-online"}

// sleptOffline is the timeline of a page that was offline past its tokens'
// lifetimes, and goes on when it is online again.
func sleptOffline(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.request("GET", "/healthz", http.StatusOK)
	w.did(timeline.WentOffline)
	w.step(10 * time.Second)
	w.page(tab, timeline.AlertShown, "Lost connection to the cluster.")
	w.step(2 * lifetime)
	w.did(timeline.CameOnline)
	w.suite(timeline.Event{Kind: timeline.ObjectCreated, Text: "awake", Count: 1})
	w.step(3 * time.Second)
	former := w.token
	w.newToken()
	w.withCookie(former, "/healthz")
	w.page(tab, timeline.AlertHidden, "Lost connection to the cluster.")
	w.request("GET", "/api/v1/namespaces", http.StatusOK)
	w.page(tab, timeline.ObjectSeen, "awake")
	w.line.Sort()
	return w.line
}

func brokenOffline() []broken {
	return []broken{
		{
			rule: "recovered-online", how: "when it was not offline", symptom: judge.NothingSeen, says: "no page was offline",
			change: without(acted(timeline.WentOffline)),
		},
		{
			rule: "recovered-online", how: "when it was offline for a moment", symptom: judge.NothingSeen, says: "less than two lifetimes",
			change: among(acted(timeline.WentOffline), func(e *timeline.Event) { e.At = e.At.Add(lifetime) }),
		},
		{
			rule: "recovered-online", how: "when it asked all the time", symptom: judge.NothingSeen, says: "came while the page was offline",
			change: func(line *timeline.Timeline) {
				offline := line.Select(acted(timeline.WentOffline))[0]
				event := responded(timeline.Front, "/clusters/main/healthz", http.StatusOK)
				line.Events = append(line.Events, at(event, offline.At.Add(5*time.Second)))
			},
		},
		{
			rule: "recovered-online", how: "when nothing was served", symptom: judge.NotServed, says: "nothing of the user succeeded after",
			change: among(func(e timeline.Event) bool {
				return e.Witness == timeline.Tap && e.Request.Began.After(noon.Add(lifetime))
			}, status(http.StatusTooManyRequests)),
		},
		{
			rule: "recovered-online", how: "by the login", symptom: judge.LeftThePage, says: "asked for a login",
			change: func(line *timeline.Timeline) {
				online := line.Select(acted(timeline.CameOnline))[0]
				line.Events = append(line.Events, at(routed(tab, "/c/main/login"), online.At.Add(1)))
			},
		},
		{
			rule: "recovered-online", how: "by the alert that stays", symptom: judge.LostConnection, says: "still said",
			change: func(line *timeline.Timeline) {
				online := line.Select(acted(timeline.CameOnline))[0]
				without(func(e timeline.Event) bool { return e.Kind == timeline.AlertHidden && e.At.After(online.At) })(line)
			},
		},
		{
			rule: "recovered-online", how: "when no object was made", symptom: judge.NothingSeen, says: "no object was made",
			change: without(is(timeline.Suite, timeline.ObjectCreated)),
		},
		{
			rule: "recovered-online", how: "when the object never appeared", symptom: judge.PageNotAlive, says: "did not appear within 1m0s",
			change: without(is(timeline.Page, timeline.ObjectSeen)),
		},
	}
}
