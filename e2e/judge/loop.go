package judge

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// IdleFor is how long after the login a page is left alone, at least: three
// times as long as Headlamp's page waits between two questions for the cluster's
// health.
const IdleFor = 15 * time.Second

// neverSentBack: from the login on the page was idle, was reloaded, went to the
// list of namespaces and back, and never asked for another login.
func neverSentBack(line timeline.Timeline, _ Rule) []Finding {
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	var findings []Finding
	for _, routed := range SentBack(line) {
		findings = append(findings, found(LeftThePage, routed, "the page asked for another login: it went to %s", routed.Text))
	}
	if len(findings) > 0 {
		// What a person could not do then follows from that.
		return findings
	}
	reloaded, wasReloaded := line.Since(login.At).First(timeline.Suite, timeline.Reloaded)
	if !wasReloaded {
		return missing(NothingSeen, "the page was never reloaded after the login")
	}
	if len(AskedWhenIdle(line.Until(reloaded.At))) == 0 {
		return missing(NothingSeen, "before the reload no question for the cluster's health succeeded that came %s after the login: the page was not idle so long, or was dead", IdleFor)
	}
	if before := routesOf(line.Until(login.At), login.Tab); len(before) == 0 {
		return missing(NothingSeen, "the page told no route before the login, so it would have told of no login page")
	}
	if !visitedNamespaces(line.Since(reloaded.At), login.Tab) {
		return missing(NothingSeen, "after the reload the page did not go to the list of namespaces and back")
	}
	return nil
}

// SentBack are the routes of the page that ask for a login, after it had loaded.
func SentBack(line timeline.Timeline) []timeline.Event {
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedIn {
		return nil
	}
	return slices.DeleteFunc(routesOf(line.Since(login.At), login.Tab), func(routed timeline.Event) bool {
		return !AsksForLogin(line.Header, routed)
	})
}

// AskedWhenIdle are the questions of the page for the cluster's health that it
// sent IdleFor after the login or later, and that succeeded, as the front saw.
func AskedWhenIdle(line timeline.Timeline) []timeline.Event {
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedIn {
		return nil
	}
	idle := login.At.Add(IdleFor)
	return line.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Front && e.Kind == timeline.Responded && e.Request.Status < http.StatusBadRequest &&
			strings.HasSuffix(path(e.Request.URL), line.Header.ClusterPath()+"healthz") && !began(e).Before(idle)
	})
}

// visitedNamespaces says whether a tab showed the list of namespaces, and then
// the overview.
func visitedNamespaces(line timeline.Timeline, tab string) bool {
	home, visited := line.Header.PagePath(), false
	for _, routed := range routesOf(line, tab) {
		switch strings.TrimRight(routed.Text, "/") {
		case home + "/namespaces":
			visited = true
		case home:
			if visited {
				return true
			}
		}
	}
	return false
}
