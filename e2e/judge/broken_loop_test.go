package judge_test

import (
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// afterReload adds an event between the reload and the way to the namespaces.
func afterReload(event timeline.Event) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		reloaded, _ := line.First(timeline.Suite, timeline.Reloaded)
		line.Events = append(line.Events, at(event, reloaded.At.Add(1)))
	}
}

// neverShownAfterReload removes what the page told of one route after the reload.
func neverShownAfterReload(path string) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		reloaded, _ := line.First(timeline.Suite, timeline.Reloaded)
		without(func(e timeline.Event) bool {
			return routesOfTheTab(e) && e.Text == path && !e.At.Before(reloaded.At)
		})(line)
	}
}

func brokenLoops() []broken {
	return []broken{
		neverLoggedIn("never-sent-back"),
		{
			rule: "never-sent-back", how: "by the login", symptom: judge.LeftThePage, says: "asked for another login: it went to /c/main/login",
			change: afterReload(routed(tab, "/c/main/login")),
		},
		{
			rule: "never-sent-back", how: "by the token page, with a slash", symptom: judge.LeftThePage, says: "went to /c/main/token/",
			change: afterReload(routed(tab, "/c/main/token/")),
		},
		{
			rule: "never-sent-back", how: "by the login, right after the login", symptom: judge.LeftThePage, says: "asked for another login",
			change: func(line *timeline.Timeline) {
				login, _ := line.First(timeline.Suite, timeline.LoggedIn)
				line.Events = append(line.Events, at(routed(tab, "/c/main/login"), login.At.Add(1)))
			},
		},
		{
			rule: "never-sent-back", how: "by the login, which made a reload impossible", symptom: judge.LeftThePage, says: "asked for another login",
			change: all(afterReload(routed(tab, "/c/main/login")), without(is(timeline.Suite, timeline.Reloaded))),
		},
		{
			rule: "never-sent-back", how: "without a reload", symptom: judge.NothingSeen, says: "never reloaded",
			change: without(is(timeline.Suite, timeline.Reloaded)),
		},
		{
			rule: "never-sent-back", how: "when it was not idle long enough", symptom: judge.NothingSeen, says: "15s after the login",
			change: func(line *timeline.Timeline) {
				login, _ := line.First(timeline.Suite, timeline.LoggedIn)
				among(is(timeline.Suite, timeline.Reloaded), func(e *timeline.Event) { e.At = login.At.Add(judge.IdleFor) })(line)
			},
		},
		{
			rule: "never-sent-back", how: "when the page went nowhere", symptom: judge.NothingSeen, says: "namespaces and back",
			change: neverShownAfterReload("/c/main/namespaces"),
		},
		{
			rule: "never-sent-back", how: "when the page did not come back", symptom: judge.NothingSeen, says: "namespaces and back",
			change: neverShownAfterReload("/c/main/"),
		},
	}
}
