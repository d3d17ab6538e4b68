package judge_test

import (
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func routed(tab, path string) timeline.Event {
	return timeline.Event{Witness: timeline.Page, Kind: timeline.Routed, Tab: tab, Text: path}
}

func routesOfTheTab(e timeline.Event) bool { return e.Kind == timeline.Routed && e.Tab == tab }

// heldInAnotherTab has a second tab held at the same time, in which these objects
// appear.
func heldInAnotherTab(objects ...string) func(*timeline.Timeline) {
	const another = "tab-3"
	return func(line *timeline.Timeline) {
		began, _ := line.First(timeline.Suite, timeline.HoldBegan)
		ended, _ := line.First(timeline.Suite, timeline.HoldEnded)
		line.Events = append(line.Events,
			at(routed(another, "/c/main/namespaces"), began.At),
			at(timeline.Event{Witness: timeline.Suite, Kind: timeline.HoldBegan, Tab: another}, began.At.Add(1)),
			at(timeline.Event{Witness: timeline.Suite, Kind: timeline.HoldEnded, Tab: another}, ended.At))
		for _, seen := range line.Of(timeline.Page, timeline.ObjectSeen) {
			if slices.Contains(objects, seen.Text) {
				seen.Tab = another
				line.Events = append(line.Events, seen)
			}
		}
	}
}

var (
	neverHeld = without(is(timeline.Suite, timeline.HoldBegan))
	heldRules = []string{"stayed-on-page", "page-alive", "expiries-crossed", "served-around-expiry"}
)

func brokenPages() []broken {
	return []broken{
		neverLoggedIn("no-lost-connection"),
		{
			rule: "no-lost-connection", how: "by the alert", symptom: judge.LostConnection, says: `"Lost connection to the cluster."`,
			change: during(timeline.Event{Witness: timeline.Page, Kind: timeline.AlertShown, Tab: tab, Text: "Lost connection to the cluster."}),
		},
		{
			rule: "no-lost-connection", how: "by a crash", symptom: judge.Crashed, says: "the tab crashed",
			change: during(timeline.Event{Witness: timeline.Page, Kind: timeline.Crashed, Tab: tab, Text: "the tab crashed"}),
		},
		{
			rule: "no-lost-connection", how: "when the page was not observed", symptom: judge.NothingSeen, says: "would have told no alert",
			change: without(routesOfTheTab), also: []string{"stayed-on-page", "never-sent-back"},
		},

		{
			rule: "stayed-on-page", how: "without a hold", symptom: judge.NothingSeen, says: "never held",
			change: neverHeld, also: otherThan("stayed-on-page", heldRules),
		},
		{
			rule: "stayed-on-page", how: "when the page was not observed", symptom: judge.NothingSeen, says: "no route",
			change: without(routesOfTheTab), also: []string{"no-lost-connection", "never-sent-back"},
		},
		{
			rule: "stayed-on-page", how: "by the login", symptom: judge.LeftThePage, says: "asked for a login: it went to /c/main/login",
			change: during(routed(tab, "/c/main/login")), also: []string{"never-sent-back"},
		},
		{
			rule: "stayed-on-page", how: "by the login, with a slash", symptom: judge.LeftThePage, says: "asked for a login",
			change: during(routed(tab, "/c/main/login/")), also: []string{"never-sent-back"},
		},
		{
			rule: "stayed-on-page", how: "by the token page", symptom: judge.LeftThePage, says: "asked for a login: it went to /c/main/token",
			change: during(routed(tab, "/c/main/token")), also: []string{"never-sent-back"},
		},
		{
			rule: "stayed-on-page", how: "by the home page", symptom: judge.LeftThePage, says: "left the cluster: it went to /",
			change: during(routed(tab, "/")),
		},
		{
			rule: "stayed-on-page", how: "by another cluster", symptom: judge.LeftThePage, says: "left the cluster: it went to /c/mainland",
			change: during(routed(tab, "/c/mainland")),
		},
		{
			rule: "stayed-on-page", how: "when it was on the login page all along", symptom: judge.LeftThePage, says: "asked for a login",
			change: func(line *timeline.Timeline) {
				began, _ := line.First(timeline.Suite, timeline.HoldBegan)
				line.Events = append(line.Events, at(routed(tab, "/c/main/login"), began.At.Add(-time.Millisecond)))
			},
			also: []string{"never-sent-back"},
		},
		{
			rule: "stayed-on-page", how: "in a second hold", symptom: judge.LeftThePage, says: "left the cluster",
			change: func(line *timeline.Timeline) {
				ended, _ := line.First(timeline.Suite, timeline.HoldEnded)
				after := func(offset time.Duration, event timeline.Event) timeline.Event {
					return at(event, ended.At.Add(offset))
				}
				line.Events = append(line.Events,
					after(1, timeline.Event{Witness: timeline.Suite, Kind: timeline.HoldBegan, Tab: tab}),
					after(2, routed(tab, "/settings")),
					after(3, timeline.Event{Witness: timeline.Suite, Kind: timeline.HoldEnded}))
			},
		},

		{
			rule: "page-alive", how: "without a hold", symptom: judge.NothingSeen, says: "never held",
			change: neverHeld, also: otherThan("page-alive", heldRules),
		},
		{
			rule: "page-alive", how: "when an object never appeared", symptom: judge.PageNotAlive, says: "after expiry 2 never appeared",
			change: without(func(e timeline.Event) bool { return e.Kind == timeline.ObjectSeen && e.Text == "alive-2" }),
		},
		{
			rule: "page-alive", how: "when an object appeared late", symptom: judge.PageNotAlive, says: "took 15.2 s",
			change: among(func(e timeline.Event) bool { return e.Kind == timeline.ObjectSeen && e.Text == "alive-2" },
				func(e *timeline.Event) { e.At = e.At.Add(15 * time.Second) }),
		},
		{
			rule: "page-alive", how: "when an object never appeared in another tab", symptom: judge.PageNotAlive, says: "after expiry 3 never appeared in the page (tab-3)",
			change: heldInAnotherTab("alive-1", "alive-2"),
		},
		{
			rule: "page-alive", how: "when no object was made", symptom: judge.PageNotAlive, says: "after 2 of 3 expiries",
			change: without(func(e timeline.Event) bool { return e.Kind == timeline.ObjectCreated && e.Text == "alive-3" }),
		},
		{
			rule: "page-alive", how: "when all objects were made after one expiry", symptom: judge.PageNotAlive, says: "after 1 of 3 expiries",
			change: among(is(timeline.Suite, timeline.ObjectCreated), func(e *timeline.Event) { e.Count = 1 }),
		},
	}
}
