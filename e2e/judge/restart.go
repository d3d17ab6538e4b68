package judge

import (
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// usableAfterRestart: the dashboard was restarted in mid-session, and past the
// next expiry the page was alive and served, after one more login at the most.
// What was refused or shown until then is excused.
func usableAfterRestart(line timeline.Timeline, _ Rule) []Finding {
	return usableAfter(line, timeline.DashboardRestarted, "restart", "the dashboard was never restarted")
}

// usableAfterReimport: Keycloak's realm was imported anew in mid-session, and past
// the next expiry the page was alive and served, after one login: nothing is left
// of the session.
func usableAfterReimport(line timeline.Timeline, _ Rule) []Finding {
	findings := usableAfter(line, timeline.RealmReimported, "import", "the realm was never imported anew")
	imported, was := line.Acted(timeline.RealmReimported)
	if was && len(loginsSince(line, imported)) == 0 {
		findings = append(findings, missing(LoginNotOffered, "the session's realm was imported anew, and nobody logged in after that")...)
	}
	return findings
}

// loginsSince are the logins that Keycloak stored after something was done.
func loginsSince(line timeline.Timeline, done timeline.Event) []timeline.Event {
	return line.Since(done.At).Select(func(e timeline.Event) bool { return atKeycloak(line, e, timeline.Login) })
}

// usableAfter: past the expiry that followed what was done in mid-session the page
// was alive and served, after one login at the most. Name is what it is called, and
// never what is said when it was not done.
func usableAfter(line timeline.Timeline, action, name, never string) []Finding {
	done, was := line.Acted(action)
	if !was {
		ended, _ := line.First(timeline.Suite, timeline.HoldEnded)
		return missing(NothingSeen, "%s%s", never, because(ended.Text))
	}
	since := line.Since(done.At)
	var next timeline.Event
	for _, crossing := range crossings(line) {
		if crossing.At.After(done.At) {
			next = crossing
			break
		}
	}
	if next.Token == nil {
		return missing(ExpiryNotCrossed, "after the %s no expiry was crossed, so nothing can be said of what it did to the session", name)
	}
	var findings []Finding
	logins := loginsSince(line, done)
	for _, again := range logins[min(1, len(logins)):] {
		findings = append(findings, found(LoggedInAgain, again, "after the %s Keycloak stored more than one login", name))
	}
	findings = append(findings, shownAfter(line, next)...)
	if alert, stands := standingAlert(since); stands {
		findings = append(findings, found(LostConnection, alert, "after the %s the page said %q, and never took it back", name, alert.Text))
	}
	return append(findings, servedPast(line, *next.Token, name)...)
}

// shownAfter says whether the page showed, in time, the last object that was made
// after a moment.
func shownAfter(line timeline.Timeline, moment timeline.Event) []Finding {
	created := line.Since(moment.At).Of(timeline.Suite, timeline.ObjectCreated)
	if len(created) == 0 {
		return missing(PageNotAlive, "no object was made to see whether the page is alive")
	}
	object := created[len(created)-1]
	for _, seen := range line.Of(timeline.Page, timeline.ObjectSeen) {
		if seen.Text != object.Text {
			continue
		}
		if took := seen.At.Sub(object.At); took > AliveWithin {
			return []Finding{found(PageNotAlive, object, "an object took %.1f s to appear in the page", took.Seconds())}
		}
		return nil
	}
	return []Finding{found(PageNotAlive, object, "an object never appeared in the page: it is dead or stale")}
}

// standingAlert returns the alert about a lost connection that a page still shows
// at the end, if it does. A new route is one of a page that went on.
func standingAlert(line timeline.Timeline) (alert timeline.Event, stands bool) {
	for _, event := range line.Events {
		if event.Witness != timeline.Page {
			continue
		}
		lost := strings.Contains(strings.ToLower(event.Text), lostConnection)
		switch {
		case event.Kind == timeline.AlertShown && lost && event.Level != "hidden":
			alert, stands = event, true
		case event.Kind == timeline.AlertHidden && lost, event.Kind == timeline.Routed:
			stands = false
		}
	}
	return alert, stands
}

// servedPast says whether, after a token's expiry, a request of the user succeeded
// that did not live on an expired one, as tap and audit log both saw.
func servedPast(line timeline.Timeline, expired redact.Token, name string) []Finding {
	audited := servedInAudit(line)
	for _, event := range ServedAtTap(line) {
		if after(line.Header, event, expired) && audited[event.Request.AuditID] {
			return nil
		}
	}
	return missing(NotServed, "past the expiry after the %s, tap and audit log saw no request of the user succeed", name)
}
