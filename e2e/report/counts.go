package report

import "github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"

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
	return counts
}
