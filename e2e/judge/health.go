package judge

import (
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// ClearedWithin is how long an alert about a lost connection may stay when the
// cluster is healthy again: two of the questions that Headlamp's page asks.
const ClearedWithin = 10 * time.Second

// HealthyFor says whether, in the session, the page was told that the cluster is
// healthy, and so again when it asked at least some time later.
func HealthyFor(line timeline.Timeline, later time.Duration) bool {
	answers := healthyAnswers(line)
	for _, answer := range answers {
		if !began(answer).Before(answers[0].At.Add(later)) {
			return true
		}
	}
	return false
}

// healthyAnswers are the good answers to the page's questions for the cluster's
// health that were asked after the login, as the front saw.
func healthyAnswers(line timeline.Timeline) []timeline.Event {
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedIn {
		return nil
	}
	return line.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Front && e.Kind == timeline.Responded && e.Request.Status < http.StatusMultipleChoices &&
			strings.HasSuffix(path(e.Request.URL), line.Header.ClusterPath()+"healthz") && !began(e).Before(login.At)
	})
}

// AskedInVain says whether a question of the page for the cluster's health was
// refused, as the front saw.
func AskedInVain(line timeline.Timeline) bool {
	return len(line.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Front && e.Kind == timeline.Responded && e.Request.Status >= http.StatusBadRequest &&
			strings.HasSuffix(path(e.Request.URL), line.Header.ClusterPath()+"healthz")
	})) > 0
}
