package judge_test

import (
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func brokenOutages() []broken {
	const bridged, slow = "survived-outage", "slow-answers"
	return []broken{
		{
			rule: bridged, how: "without an outage", symptom: judge.NothingSeen, says: "never lost",
			change: without(doing(timeline.ProviderLost)),
		},
		{
			rule: bridged, how: "when it never ends", symptom: judge.NothingSeen, says: "never came back",
			change: without(doing(timeline.ProviderBack)),
		},
		{
			rule: bridged, how: "when nobody missed Keycloak", symptom: judge.NothingSeen, says: "this outage was none",
			change: without(doing(timeline.ProviderMissed)),
		},
		{
			rule: bridged, how: "when Keycloak was missed later", symptom: judge.NothingSeen, says: "this outage was none",
			change: all(without(doing(timeline.ProviderMissed)), during(timeline.Event{Witness: timeline.Suite, Kind: timeline.Acted, Text: timeline.ProviderMissed})),
		},
		{
			rule: bridged, how: "when it outlived the token", symptom: judge.NothingSeen, says: "until the token had expired",
			change: func(line *timeline.Timeline) {
				among(doing(timeline.ProviderBack), func(e *timeline.Event) { e.At = expiry(line, 1).At })(line)
			},
		},
		{
			rule: bridged, how: "without a token before it", symptom: judge.NothingSeen, says: "no token of the user was seen before",
			change: among(doing(timeline.ProviderLost), func(e *timeline.Event) { e.At = noon }),
		},
		{
			rule: bridged, how: "when nothing is refreshed any more", symptom: judge.NotRefreshed, says: "refreshed nothing",
			change: without(is(timeline.Keycloak, timeline.Refresh)),
		},
		{
			rule: "discovered-elsewhere", how: "when it was not", symptom: judge.NothingSeen, says: "did not learn",
			change: without(doing(timeline.ProviderDiscovered)),
		},
		{
			rule: slow, how: "when Keycloak was never slow", symptom: judge.NothingSeen, says: "never slow",
			change: without(doing(timeline.ProviderSlowed)),
		},
		{
			rule: slow, how: "when no answer came late", symptom: judge.NothingSeen, says: "came late",
			change: without(doing(timeline.ProviderLate)),
		},
		{
			rule: slow, how: "when answers came late only before", symptom: judge.NothingSeen, says: "came late",
			change: func(line *timeline.Timeline) {
				ended, _ := line.First(timeline.Suite, timeline.HoldEnded)
				among(doing(timeline.ProviderSlowed), func(e *timeline.Event) { e.At = ended.At })(line)
			},
		},
	}
}
