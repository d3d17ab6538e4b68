package judge

import (
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// RecoversWithin is the longest that a page may take to go on after its network is
// back: what failed is asked again after half a minute at the most, by Headlamp's
// page too.
const RecoversWithin = time.Minute

// recoveredOnline: a page was offline for two lifetimes of its tokens. When it was
// online again, it was served, which none of its former tokens would have been,
// showed what was new, and neither asked for a login nor went on to say that the
// connection is lost.
func recoveredOnline(line timeline.Timeline, _ Rule) []Finding {
	offline, went := line.Acted(timeline.WentOffline)
	online, came := line.Acted(timeline.CameOnline)
	if !went || !came {
		return missing(NothingSeen, "no page was offline, and online again")
	}
	if slept := online.At.Sub(offline.At); slept < 2*line.Header.Lifetime {
		return missing(NothingSeen, "the page was offline for %.0f s, less than two lifetimes of its tokens", slept.Seconds())
	}
	var findings []Finding
	for _, event := range line.Of(timeline.Front, timeline.Responded) {
		if sent := began(event); toCluster(line, event) && sent.After(offline.At.Add(clockTolerance)) && sent.Before(online.At) {
			return missing(NothingSeen, "%s %s came while the page was offline: it was not", event.Request.Method, path(event.Request.URL))
		}
	}
	if !slices.ContainsFunc(ServedAtTap(line), func(e timeline.Event) bool { return began(e).After(online.At) }) {
		findings = missing(NotServed, "nothing of the user succeeded after the page was online again")
	}
	for _, routed := range SentBack(line) {
		findings = append(findings, found(LeftThePage, routed, "the page asked for a login: it went to %s", routed.Text))
	}
	if SaysLostConnection(line) {
		findings = append(findings, missing(LostConnection, "the page still said that the connection is lost")...)
	}
	object, made := line.Since(online.At).First(timeline.Suite, timeline.ObjectCreated)
	if !made {
		return append(findings, missing(NothingSeen, "no object was made to see whether the page goes on")...)
	}
	seen := line.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Page && e.Kind == timeline.ObjectSeen && e.Text == object.Text
	})
	if len(seen) == 0 || seen[0].At.Sub(object.At) > RecoversWithin {
		findings = append(findings, found(PageNotAlive, object, "an object made after the page was online again did not appear within %s", RecoversWithin))
	}
	return findings
}

// SaysLostConnection says whether the page shows at the end that the connection is
// lost.
func SaysLostConnection(line timeline.Timeline) bool {
	shown := map[string]bool{} // by tab and text
	for _, event := range line.Events {
		about := event.Witness == timeline.Page && strings.Contains(strings.ToLower(event.Text), lostConnection)
		switch {
		case about && event.Kind == timeline.AlertShown:
			shown[event.Tab+event.Text] = event.Level != "hidden"
		case about && event.Kind == timeline.AlertHidden:
			shown[event.Tab+event.Text] = false
		}
	}
	for _, visible := range shown {
		if visible {
			return true
		}
	}
	return false
}
