package judge_test

import (
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func brokenRestarts() []broken {
	const rule = "usable-after-restart"
	return []broken{
		{
			rule: rule, how: "without a restart", symptom: judge.NothingSeen, says: "never restarted",
			change: without(doing(timeline.DashboardRestarted)),
		},
		{
			rule: rule, how: "when no expiry was crossed after it", symptom: judge.ExpiryNotCrossed, says: "no expiry was crossed",
			change: without(is(timeline.Suite, timeline.ExpiryCrossed)),
		},
		{
			rule: rule, how: "by a second login after it", symptom: judge.LoggedInAgain, says: "more than one login",
			change: all(during(storedByKeycloak(timeline.Login, "headlamp")), during(storedByKeycloak(timeline.Login, "headlamp"))),
		},
		{
			rule: rule, how: "when nothing new appears any more", symptom: judge.PageNotAlive, says: "never appeared",
			change: without(seenAs("alive-3")), also: []string{"watch-reopened"},
		},
		{
			rule: rule, how: "when what is new appears late", symptom: judge.PageNotAlive, says: "took 15.2 s",
			change: among(func(e timeline.Event) bool { return e.Kind == timeline.ObjectCreated && e.Text == "alive-3" }, later(-15*time.Second)),
			also:   []string{"watch-reopened"},
		},
		{
			rule: rule, how: "when no object was made", symptom: judge.PageNotAlive, says: "no object was made",
			change: without(is(timeline.Suite, timeline.ObjectCreated)), also: []string{"watch-reopened"},
		},
		{
			rule: rule, how: "when the alert stays", symptom: judge.LostConnection, says: "never took it back",
			change: func(line *timeline.Timeline) {
				// After the last way through the page.
				asserted, _ := line.First(timeline.Suite, timeline.Asserted)
				line.Events = append(line.Events, at(timeline.Event{
					Witness: timeline.Page, Kind: timeline.AlertShown, Tab: tab, Text: "Lost connection to the cluster.",
				}, asserted.At.Add(-time.Microsecond)))
			},
		},
		{
			rule: rule, how: "when nothing succeeds any more", symptom: judge.NotServed, says: "no request of the user succeed",
			change: unserved(1, afterExpiry), also: []string{"watch-reopened"},
		},
	}
}
