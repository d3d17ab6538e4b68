package judge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// watchAt fits what a witness saw of the list's watch when it was opened.
func watchAt(witness timeline.Witness) func(timeline.Event) bool {
	return func(e timeline.Event) bool {
		return e.Witness == witness && e.Kind == timeline.Responded && strings.Contains(e.Request.URL, "watch=1")
	}
}

// reopenedStale has the token expire before the watch is opened anew with it.
func reopenedStale(hop timeline.Witness) func(*timeline.Timeline) {
	return among(nth(1, watchAt(hop)), func(e *timeline.Event) {
		if e.Request.CookieToken != nil && hop == timeline.Front {
			token := *e.Request.CookieToken
			token.ExpiresAt = e.Request.Began.Add(-time.Millisecond)
			e.Request.CookieToken = &token
			return
		}
		expiredFor(time.Millisecond)(e)
	})
}

func brokenWatches() []broken {
	const rule = "watch-reopened"
	return []broken{
		{
			rule: "never-reloaded", how: "without a hold", symptom: judge.NothingSeen, says: "never held",
			change: neverHeld, also: []string{"usable-after-restart"},
		},
		{
			rule: "never-reloaded", how: "by a document", symptom: judge.LeftThePage, says: "asked for /c/main/namespaces",
			change: during(responded(timeline.Front, "/c/main/namespaces?x=y", 200)),
		},
		{
			rule: "never-reloaded", how: "by the overview's document", symptom: judge.LeftThePage, says: "asked for /c/main",
			change: during(responded(timeline.Front, "/c/main", 200)),
		},

		{
			rule: rule, how: "when nothing was cut", symptom: judge.NothingSeen, says: "never cut",
			change: without(doing(timeline.WatchesCut)),
		},
		{
			rule: rule, how: "when there was nothing to cut", symptom: judge.NothingSeen, says: "no watch was open",
			change: among(doing(timeline.WatchesCut), func(e *timeline.Event) { e.Count = 0 }),
		},
		{
			rule: rule, how: "when it stayed closed", symptom: judge.WatchNotReopened, says: "not opened anew",
			change: without(nth(1, watchAt(timeline.Tap))),
		},
		{
			rule: rule, how: "when another list's was opened instead", symptom: judge.WatchNotReopened, says: "not opened anew",
			change: among(nth(1, watchAt(timeline.Tap)), func(e *timeline.Event) { e.Request.URL = "/api/v1/pods?watch=1" }),
		},
		{
			rule: rule, how: "by a token that had expired", symptom: judge.ExpiredToken, says: "the tap saw none",
			change: reopenedStale(timeline.Tap),
		},
		{
			rule: rule, how: "by a token that had expired, before an impersonator", mode: "proxy", symptom: judge.ExpiredToken, says: "the impersonator saw none",
			change: reopenedStale(timeline.Impersonator), also: []string{"access-token-throughout"},
		},
		{
			rule: rule, how: "by a cookie that had expired", mode: "native", symptom: judge.ExpiredToken, says: "the front saw none",
			change: reopenedStale(timeline.Front), also: []string{"access-token-throughout"},
		},
		{
			rule: rule, how: "when nothing new is shown", symptom: judge.PageNotAlive, says: "never appeared",
			change: without(seenAs("alive-3")), also: []string{"usable-after-restart"},
		},
	}
}

// A watch that was open when it was cut, and whose end was not seen yet, is not
// one that was opened anew.
func TestAWatchIsReopenedOnlyAfterItWasCut(t *testing.T) {
	t.Parallel()
	opened := at(responded(timeline.Tap, "/api/v1/namespaces?watch=1", 101), noon)
	cut := at(timeline.Event{Witness: timeline.Suite, Kind: timeline.Acted, Text: timeline.WatchesCut, Count: 1}, noon.Add(time.Second))
	again := at(opened, noon.Add(2*time.Second))
	for name, test := range map[string]struct {
		events []timeline.Event
		want   bool
	}{
		"never cut":     {[]timeline.Event{opened, again}, false},
		"cut":           {[]timeline.Event{opened, cut}, false},
		"cut, and anew": {[]timeline.Event{opened, cut, again}, true},
	} {
		if got := judge.WatchIsReopened(timeline.Timeline{Events: test.events}); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAWatchIsOpenUntilItEnds(t *testing.T) {
	t.Parallel()
	opened := responded(timeline.Tap, "/api/v1/namespaces?watch=1", 101)
	opened.Request.ID = "tap-7"
	ended := opened
	ended.Kind = timeline.Ended
	refused := responded(timeline.Tap, "/api/v1/namespaces?watch=1", 401)
	for name, test := range map[string]struct {
		events []timeline.Event
		want   bool
	}{
		"nothing":          {nil, false},
		"opened":           {[]timeline.Event{opened}, true},
		"opened and ended": {[]timeline.Event{opened, ended}, false},
		"refused":          {[]timeline.Event{refused}, false},
	} {
		if got := judge.WatchIsOpen(timeline.Timeline{Events: test.events}); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
