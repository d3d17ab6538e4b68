package judge

import (
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// AliveWithin is the longest that an object made in the cluster may take to
// appear in an open list of a living page. Headlamp lists and then watches, so
// this is seconds more than a watch needs on a busy machine.
const AliveWithin = 15 * time.Second

// lostConnection is what the alert of a dead session says, in lower case.
const lostConnection = "lost connection"

// noLostConnection: no alert about a lost connection was ever visible.
func noLostConnection(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	// Alerts and routes are told by one script: of a page without it, no alert
	// is no news.
	login, _ := line.First(timeline.Suite, timeline.LoggedIn)
	if len(routesOf(line, login.Tab)) == 0 {
		return missing(NothingSeen, "the page told no route, so it would have told no alert")
	}
	var findings []Finding
	for _, alert := range session.Of(timeline.Page, timeline.AlertShown) {
		if strings.Contains(strings.ToLower(alert.Text), lostConnection) && alert.Level != "hidden" {
			findings = append(findings, found(LostConnection, alert, "the page said %q", alert.Text))
		}
	}
	for _, crash := range session.Of(timeline.Page, timeline.Crashed) {
		findings = append(findings, found(Crashed, crash, "%s", crash.Text))
	}
	return findings
}

// stayedOnPage: when the hold began the page was in the cluster, and while it
// was held it went to no login or token route and never left.
func stayedOnPage(line timeline.Timeline, _ Rule) []Finding {
	hold, held := line.Hold()
	if !held {
		return missing(NothingSeen, "the page was never held")
	}
	var findings []Finding
	for _, began := range line.Of(timeline.Suite, timeline.HoldBegan) {
		before := routesOf(line.Until(began.At), began.Tab)
		if len(before) == 0 {
			findings = append(findings, missing(NothingSeen, "the page told no route before it was held")...)
			continue
		}
		atBegin := began
		atBegin.Text = before[len(before)-1].Text
		for _, routed := range append([]timeline.Event{atBegin}, routesOf(hold.Since(began.At), began.Tab)...) {
			findings = append(findings, strayed(line.Header, routed)...)
		}
	}
	return findings
}

// routesOf returns what one tab told of its routes. Other tabs, such as the
// login's window, may go where they like.
func routesOf(line timeline.Timeline, tab string) []timeline.Event {
	return line.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Page && e.Kind == timeline.Routed && e.Tab == tab
	})
}

func strayed(header timeline.Header, routed timeline.Event) []Finding {
	home := header.PagePath()
	switch route := strings.TrimRight(routed.Text, "/"); {
	case AsksForLogin(header, routed):
		return []Finding{found(LeftThePage, routed, "the page asked for a login: it went to %s", routed.Text)}
	case route != home && !strings.HasPrefix(route, home+"/"):
		return []Finding{found(LeftThePage, routed, "the page left the cluster: it went to %s", routed.Text)}
	default:
		return nil
	}
}

// AsksForLogin says whether a route is the page's login or token form.
func AsksForLogin(header timeline.Header, routed timeline.Event) bool {
	route := strings.TrimRight(routed.Text, "/")
	return route == header.PagePath()+"/login" || route == header.PagePath()+"/token"
}

// pageAlive: after each of Count expiries the suite made an object, and every
// object appeared in time in each page that was held.
func pageAlive(line timeline.Timeline, rule Rule) []Finding {
	hold, held := line.Hold()
	if !held {
		return missing(NothingSeen, "the page was never held")
	}
	created := hold.Of(timeline.Suite, timeline.ObjectCreated)
	followed := map[int]bool{}
	var findings []Finding
	for _, object := range created {
		followed[object.Count] = true
		for _, tab := range heldTabs(line.Until(object.At)) {
			findings = append(findings, appeared(line, object, tab)...)
		}
	}
	if len(followed) < rule.Count {
		findings = append(findings, missing(PageNotAlive, "only after %d of %d expiries was an object made to see whether the page is alive", len(followed), rule.Count)...)
	}
	return findings
}

// heldTabs are the tabs whose pages are held when the timeline ends.
func heldTabs(line timeline.Timeline) []string {
	var tabs []string
	for _, event := range line.Events {
		switch {
		case event.Witness != timeline.Suite:
		case event.Kind == timeline.HoldBegan:
			tabs = append(tabs, event.Tab)
		case event.Kind == timeline.HoldEnded:
			// One that does not say which was the only one.
			tabs = slices.DeleteFunc(tabs, func(tab string) bool { return event.Tab == "" || tab == event.Tab })
		}
	}
	return tabs
}

// appeared says what is wrong with how an object appeared in a tab.
func appeared(line timeline.Timeline, object timeline.Event, tab string) []Finding {
	seen := line.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Page && e.Kind == timeline.ObjectSeen && e.Text == object.Text && e.Tab == tab
	})
	switch {
	case len(seen) == 0:
		return []Finding{found(PageNotAlive, object, "an object made after expiry %d never appeared in the page (%s): it is dead or stale", object.Count, tab)}
	case seen[0].At.Sub(object.At) > AliveWithin:
		return []Finding{found(PageNotAlive, object, "an object made after expiry %d took %.1f s to appear in the page (%s)",
			object.Count, seen[0].At.Sub(object.At).Seconds(), tab)}
	default:
		return nil
	}
}
