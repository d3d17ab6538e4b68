package judge_test

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// A login ends at the one replica, and the session is served by the other.
const replica, otherReplica = "127.0.0.2:9443", "127.0.0.3:9443"

// disturbedHold is the healthy hold of a dashboard with two replicas that sends
// access tokens, and to which everything happens that may: a restart, a cut watch,
// a Keycloak that is lost, and one that is slow.
func disturbedHold() flow {
	return flow{
		rules: []string{
			"login-across-replicas", "session-across-replicas", "usable-after-restart", "access-token-throughout",
			"never-reloaded", "watch-reopened", "survived-outage", "slow-answers",
			"discovered-elsewhere",
		},
		line:   disturbed,
		broken: slices.Concat(brokenReplicas(), brokenRestarts(), brokenAccessTokens(), brokenWatches(), brokenOutages()),
	}
}

func disturbed(mode string) timeline.Timeline {
	line := asserted(healthy(mode))
	// Every event of the session has the same few tokens.
	for i := range line.Events {
		event := &line.Events[i]
		if event.Request == nil {
			continue
		}
		if event.Witness == timeline.Front {
			event.Request.Replica = replica
			if strings.HasPrefix(event.Request.URL, "/oidc-callback") {
				event.Request.Replica = otherReplica
			}
		}
		if own := event.Request.Bearer; own != nil && own.Issuer == issuer {
			own.Type = "Bearer"
		}
	}
	add := func(when time.Time, event timeline.Event) { line.Events = append(line.Events, at(event, when)) }
	act := func(when time.Time, action string, count int) {
		add(when, timeline.Event{Witness: timeline.Suite, Kind: timeline.Acted, Text: action, Count: count})
	}
	callback := line.Events[slices.IndexFunc(line.Events, func(e timeline.Event) bool { return e.Witness == timeline.Front && len(e.Request.SetCookies) > 0 })]
	add(callback.At.Add(-time.Millisecond), timeline.Event{Witness: timeline.Front, Kind: timeline.Responded, Request: &timeline.Request{
		Method: http.MethodGet, URL: "/oidc?cluster=main", Status: http.StatusFound, Replica: replica,
	}})
	began, _ := line.First(timeline.Suite, timeline.HoldBegan)
	for i, action := range []string{
		timeline.ProviderDiscovered, timeline.DashboardRestarted, timeline.ProviderLost, timeline.ProviderMissed, timeline.ProviderBack, timeline.ProviderSlowed,
	} {
		act(began.At.Add(time.Duration(i+1)*time.Millisecond), action, 0)
	}
	for _, refresh := range line.Of(timeline.Keycloak, timeline.Refresh) {
		act(refresh.At, timeline.ProviderLate, 0)
	}
	ended, _ := line.First(timeline.Tap, timeline.Ended)
	act(ended.At.Add(-time.Nanosecond), timeline.WatchesCut, 1)
	line.Sort()
	return line
}

// doing fits what was done to the installation.
func doing(action string) func(timeline.Event) bool {
	return func(e timeline.Event) bool { return e.Kind == timeline.Acted && e.Text == action }
}

func seenAs(name string) func(timeline.Event) bool {
	return func(e timeline.Event) bool { return e.Kind == timeline.ObjectSeen && e.Text == name }
}

// withoutLogin breaks a rule that has nothing to look at without a login.
func withoutLogin(rule string) broken {
	return broken{
		rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
		change: without(is(timeline.Suite, timeline.LoggedIn)),
	}
}
