package report

import (
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// count says how much of what the timeline has, as far as the spec asserted
// something on it: what came later was never compared. An event that lacks its
// part, of a timeline that is damaged, counts for nothing.
func count(line timeline.Timeline) Counts {
	var counts Counts
	if asserted := line.Of(timeline.Suite, timeline.Asserted); len(asserted) > 0 {
		line = line.Until(asserted[len(asserted)-1].At)
	}
	audited := map[string]bool{}
	line.Events = line.Select(func(e timeline.Event) bool { return e.Lacks() == "" })
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		audited[event.Record.AuditID] = true
	}
	for _, event := range line.Events {
		switch {
		case event.Witness == timeline.Keycloak && event.Identity != nil && event.Identity.Client == line.Header.Client:
			switch event.Kind {
			case timeline.Login:
				counts.Logins++
			case timeline.Refresh:
				counts.Refreshes++
			}
		case event.Kind == timeline.ExpiryCrossed:
			counts.Expiries++
		case event.Witness == timeline.Page && event.Request != nil && event.Kind != timeline.WebSocketClosed && line.Header.InCluster(event.Request.URL):
			counts.Page++
		case event.Witness == timeline.Tap && (event.Kind == timeline.Responded || event.Kind == timeline.Failed):
			counts.Tap++
			if audited[event.Request.AuditID] {
				counts.Audited++
			}
		}
	}
	calls := busiest{line.Select(func(e timeline.Event) bool { return callsForTokens(line, e) })}
	polls := busiest{line.Select(func(e timeline.Event) bool { return pollsHealth(line, e) })}
	asks := busiest{line.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Page && e.Kind == timeline.Routed && judge.AsksForLogin(line.Header, e)
	})}
	counts.TokenCalls, counts.TokenCallsAMinute = calls.all(), calls.minute()
	counts.HealthPolls, counts.HealthPollsAMinute = polls.all(), polls.minute()
	counts.LoginPages, counts.LoginPagesAMinute = asks.all(), asks.minute()
	return counts
}

// callsForTokens says whether an event is a call of the dashboard for tokens, as
// Keycloak stored it. One that was refused may name no client.
func callsForTokens(line timeline.Timeline, event timeline.Event) bool {
	if event.Witness != timeline.Keycloak || event.Identity == nil {
		return false
	}
	ours := event.Identity.Client == line.Header.Client
	switch {
	case event.Kind == timeline.Refresh || event.Identity.Type == "CODE_TO_TOKEN":
		return ours
	case event.Kind == timeline.RefreshError || event.Identity.Type == "CODE_TO_TOKEN_ERROR":
		return ours || event.Identity.Client == ""
	default:
		return false
	}
}

// pollsHealth says whether an event is a page's question for the cluster's health,
// as the front saw it.
func pollsHealth(line timeline.Timeline, event timeline.Event) bool {
	if event.Witness != timeline.Front || (event.Kind != timeline.Responded && event.Kind != timeline.Failed) || event.Request == nil {
		return false
	}
	path, _, _ := strings.Cut(event.Request.URL, "?")
	return strings.HasSuffix(path, line.Header.ClusterPath()+"healthz")
}

// busiest counts events that come again and again, in the order of their time.
type busiest struct{ events []timeline.Event }

func (b busiest) all() int { return len(b.events) }

// minute is how many there were within the minute that had the most.
func (b busiest) minute() int {
	most, first := 0, 0
	for last, event := range b.events {
		for event.At.Sub(b.events[first].At) >= time.Minute {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}
