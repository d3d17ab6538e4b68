package judge

import (
	"net/http"
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

// stayedOnPage: while held, the page went to no login or token route and never
// left the cluster.
func stayedOnPage(line timeline.Timeline, _ Rule) []Finding {
	hold, held := line.Hold()
	if !held {
		return missing(NothingSeen, "the page was never held")
	}
	if _, routed := line.First(timeline.Page, timeline.Routed); !routed {
		return missing(NothingSeen, "the page told no route at all")
	}
	var findings []Finding
	home := line.Header.PagePath()
	for _, routed := range hold.Of(timeline.Page, timeline.Routed) {
		switch route := routed.Text; {
		case route == home+"/login" || route == home+"/token":
			findings = append(findings, found(LeftThePage, routed, "the page asked for a login: it went to %s", route))
		case route != home && !strings.HasPrefix(route, home+"/"):
			findings = append(findings, found(LeftThePage, routed, "the page left the cluster: it went to %s", route))
		}
	}
	return findings
}

// pageAlive: each of Count objects that the suite made while the page was held
// appeared in it in time.
func pageAlive(line timeline.Timeline, rule Rule) []Finding {
	hold, held := line.Hold()
	if !held {
		return missing(NothingSeen, "the page was never held")
	}
	created := hold.Of(timeline.Suite, timeline.ObjectCreated)
	var findings []Finding
	if len(created) < rule.Count {
		findings = missing(PageNotAlive, "%d of %d objects were made to see whether the page is alive", len(created), rule.Count)
	}
	for _, object := range created {
		seen := line.Select(func(e timeline.Event) bool {
			return e.Witness == timeline.Page && e.Kind == timeline.ObjectSeen && e.Text == object.Text
		})
		switch {
		case len(seen) == 0:
			findings = append(findings, found(PageNotAlive, object, "an object made after expiry %d never appeared in the page: it is dead or stale", object.Count))
		case seen[0].At.Sub(object.At) > AliveWithin:
			findings = append(findings, found(PageNotAlive, object, "an object made after expiry %d took %.1f s to appear in the page",
				object.Count, seen[0].At.Sub(object.At).Seconds()))
		}
	}
	return findings
}

// noBlip: after the login no request to the cluster was refused for want of a
// session, failed, or was forbidden although the user has the right.
func noBlip(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	login := session.Events[0].At
	// The spec's end tears the page down: what breaks then is no blip.
	if hold, held := session.Hold(); held && len(hold.Events) > 0 {
		end := hold.Events[len(hold.Events)-1].At
		session.Events = session.Select(func(e timeline.Event) bool { return !e.At.After(end) })
	}
	allowed := map[string]bool{}
	for _, checked := range line.Of(timeline.Suite, timeline.RightsChecked) {
		allowed[checked.Request.AuditID] = checked.Text == "allowed"
	}
	var findings []Finding
	requests := map[timeline.Witness]int{}
	for _, event := range session.Events {
		request := event.Request
		if request == nil || request.Began.Before(login) || !toCluster(line, event) {
			continue
		}
		requests[event.Witness]++
		what := request.Method + " " + path(request.URL)
		switch {
		case request.Status == http.StatusUnauthorized:
			findings = append(findings, found(Unauthorized, event, "%s: %s was answered 401", event.Witness, what))
		case request.Status >= http.StatusInternalServerError:
			findings = append(findings, found(ServerError, event, "%s: %s was answered %d%s", event.Witness, what, request.Status, because(request.Error)))
		case request.Status == http.StatusForbidden && allowed[request.AuditID]:
			findings = append(findings, found(Forbidden, event, "%s: %s was answered 403, although the user has the right", event.Witness, what))
		case event.Kind == timeline.Failed && !strings.HasPrefix(request.Error, "canceled"):
			findings = append(findings, found(RequestFailed, event, "%s: %s failed%s", event.Witness, what, because(request.Error)))
		}
	}
	for _, witness := range []timeline.Witness{timeline.Page, timeline.Front, timeline.Tap} {
		if requests[witness] == 0 {
			findings = append(findings, missing(NothingSeen, "the %s saw no request to the cluster after the login", witness)...)
		}
	}
	return findings
}

// toCluster says whether an event is about a request that has to reach the
// cluster: all of the tap's, and those of page and front under its path.
func toCluster(line timeline.Timeline, event timeline.Event) bool {
	switch event.Kind {
	case timeline.Responded, timeline.Failed, timeline.WebSocketOpened:
	default:
		return false
	}
	switch event.Witness {
	case timeline.Tap:
		return true
	case timeline.Page, timeline.Front:
		return line.Header.InCluster(path(event.Request.URL) + "/")
	default:
		return false
	}
}

// expiriesCrossed: the hold went past Count expiries of real tokens.
func expiriesCrossed(line timeline.Timeline, rule Rule) []Finding {
	crossed := line.Of(timeline.Suite, timeline.ExpiryCrossed)
	if len(crossed) >= rule.Count {
		return nil
	}
	reason := ""
	if ended, found := line.First(timeline.Suite, timeline.HoldEnded); found {
		reason = because(ended.Text)
	}
	return missing(ExpiryNotCrossed, "the hold went past %d of %d expiries%s", len(crossed), rule.Count, reason)
}

// servedAroundExpiry: before and after every crossed expiry, requests of the
// user reached the API server and succeeded, as the tap and the audit log both
// saw.
func servedAroundExpiry(line timeline.Timeline, rule Rule) []Finding {
	crossed := line.Of(timeline.Suite, timeline.ExpiryCrossed)
	if len(crossed) < rule.Count {
		return missing(ExpiryNotCrossed, "the hold went past %d of %d expiries, so nothing can be said around the others", len(crossed), rule.Count)
	}
	users := usersOf(line)
	tap := served(line, timeline.Tap, users)
	audit := served(line, timeline.Audit, users)
	var findings []Finding
	for _, expiry := range crossed {
		begin, end := expiry.Token.IssuedAt, expiry.At
		for _, side := range []struct {
			name     string
			from, to time.Time
		}{
			{"before", begin, expiry.Token.ExpiresAt},
			{"after", expiry.Token.ExpiresAt, end.Add(AliveWithin)},
		} {
			for _, witness := range []struct {
				name  string
				times []time.Time
			}{{"the tap", tap}, {"the audit log", audit}} {
				if !anyBetween(witness.times, side.from, side.to) {
					findings = append(findings, found(NotServed, expiry, "%s saw no request of the user succeed %s expiry %d", witness.name, side.name, expiry.Count))
				}
			}
		}
	}
	return findings
}

// served returns the times at which requests of these users succeeded.
func served(line timeline.Timeline, witness timeline.Witness, users map[string]timeline.User) []time.Time {
	var times []time.Time
	for _, event := range line.Events {
		if event.Witness != witness {
			continue
		}
		switch {
		case event.Request != nil && event.Request.Bearer != nil && event.Request.Status < http.StatusBadRequest && event.Kind == timeline.Responded:
			if _, ours := users[event.Request.Bearer.Username]; ours {
				times = append(times, event.At)
			}
		case event.Record != nil && event.Record.Code < http.StatusBadRequest:
			if _, ours := users[actingUser(*event.Record)]; ours {
				times = append(times, event.At)
			}
		}
	}
	return times
}

// refreshed: Keycloak stored at least Count refreshes of the dashboard's
// client, and refused none.
func refreshed(line timeline.Timeline, rule Rule) []Finding {
	var findings []Finding
	refreshes := 0
	for _, event := range line.Events {
		switch {
		case atKeycloak(line, event, timeline.Refresh):
			refreshes++
		case atKeycloak(line, event, timeline.RefreshError):
			findings = append(findings, found(RefreshRefused, event, "Keycloak refused a refresh: %s%s", event.Identity.Error, because(event.Identity.Details["reason"])))
		}
	}
	if refreshes < rule.Count {
		findings = append(findings, missing(NotRefreshed, "Keycloak stored %d refreshes, at least %d were due", refreshes, rule.Count)...)
	}
	return findings
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

func anyBetween(times []time.Time, from, to time.Time) bool {
	for _, at := range times {
		if !at.Before(from) && !at.After(to) {
			return true
		}
	}
	return false
}
