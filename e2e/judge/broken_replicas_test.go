package judge_test

import (
	"net/http"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// everyRequestAt sends every request of the browser to one replica.
func everyRequestAt(replica string) func(*timeline.Timeline) {
	return among(is(timeline.Front, timeline.Responded), func(e *timeline.Event) { e.Request.Replica = replica })
}

func clusterRequestAtFront(e timeline.Event) bool {
	return e.Witness == timeline.Front && e.Kind == timeline.Responded && strings.Contains(e.Request.URL, "/clusters/main/")
}

func brokenReplicas() []broken {
	across := []string{"login-across-replicas", "session-across-replicas"}
	return []broken{
		{
			rule: "login-across-replicas", how: "by a single replica", symptom: judge.NothingSeen, says: "another replica than it began at",
			change: everyRequestAt("127.0.0.2:9443"), also: otherThan("login-across-replicas", across),
		},
		{
			rule: "login-across-replicas", how: "when nobody said which replica it was", symptom: judge.NothingSeen, says: "no login ended",
			change: everyRequestAt(""), also: otherThan("login-across-replicas", across),
		},
		{
			rule: "login-across-replicas", how: "when no login began", symptom: judge.NothingSeen, says: "no login ended",
			change: without(func(e timeline.Event) bool {
				return e.Witness == timeline.Front && strings.HasPrefix(e.Request.URL, "/oidc?")
			}),
		},
		{
			rule: "session-across-replicas", how: "when each session stayed where it was given out", symptom: judge.NothingSeen,
			says:   "no session was served by another replica",
			change: among(clusterRequestAtFront, func(e *timeline.Event) { e.Request.Replica = "127.0.0.3:9443" }),
		},
		{
			rule: "session-across-replicas", how: "when the others refused it", symptom: judge.NothingSeen,
			says: "no session was served by another replica",
			change: among(func(e timeline.Event) bool { return clusterRequestAtFront(e) && e.Request.CookieToken != nil },
				func(e *timeline.Event) { e.Request.Status = http.StatusNotFound }),
		},
	}
}
