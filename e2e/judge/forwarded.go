package judge

import (
	"net/http"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// How somebody comes with another's identity in what only the proxy before the
// dashboard may say: the level of the event that tells of it.
const (
	BesideSession  = "beside-session"  // with a session at the proxy
	WithoutSession = "without-session" // with none
)

// claimsAtLeast is how many claims of each kind there have to be.
const claimsAtLeast = 12

// proxyNamesUser: whatever a client said itself of who it is, the user upstream, and
// for the dashboard, was the one that the proxy before it had logged in; and nobody
// was served whom it had not.
func proxyNamesUser(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	known := loggedInAtKeycloak(line)
	if known == "" {
		return missing(NothingSeen, "Keycloak stored no login of a user at the proxy")
	}
	tried := map[string]int{}
	var findings []Finding
	for _, attempt := range session.Of(timeline.Suite, timeline.Attempted) {
		if attempt.Request == nil || attempt.Identified == nil {
			return missing(NothingSeen, "the timeline does not say what came of the claim %q", attempt.Text)
		}
		tried[attempt.Level]++
		if attempt.Level == WithoutSession {
			findings = append(findings, servedStranger(line, attempt)...)
			continue
		}
		findings = append(findings, servedAs(line, attempt, known)...)
	}
	for _, kind := range []string{BesideSession, WithoutSession} {
		if tried[kind] < claimsAtLeast {
			findings = append(findings, missing(NothingSeen, "%d claims of the kind %s were made, at least %d are asked for", tried[kind], kind, claimsAtLeast)...)
		}
	}
	// What the page itself asks is the proxy's user's, too.
	for _, event := range session.Of(timeline.Tap, timeline.Responded) {
		if who := wireUser(line.Header, *event.Request); who != known && who != anonymous {
			findings = append(findings, found(WrongIdentity, event, "%s %s went out as %q; the proxy had logged in %s", event.Request.Method, path(event.Request.URL), who, known))
		}
	}
	for _, event := range session.Of(timeline.Audit, timeline.Audited) {
		if who := actingUser(*event.Record); who != known && who != anonymous {
			findings = append(findings, found(WrongIdentity, event, "the audit log says that %q did %s %s; the proxy had logged in %s", who, event.Record.Verb, event.Record.URI, known))
		}
	}
	return findings
}

// loggedInAtKeycloak is the name of the user who logged in at Keycloak last, or "".
func loggedInAtKeycloak(line timeline.Timeline) string {
	name := ""
	for _, event := range line.Events {
		if !atKeycloak(line, event, timeline.Login) {
			continue
		}
		for _, user := range line.Header.Users {
			if user.ID == event.Identity.User {
				name = user.Name
			}
		}
	}
	return name
}

// servedAs says how a claim beside a session changed what the session is served.
func servedAs(line timeline.Timeline, attempt timeline.Event, known string) []Finding {
	if attempt.Count >= http.StatusBadRequest {
		return []Finding{found(NotServed, attempt, "a request of %s with a forged identity (%s) was answered %d: the forgery changed something", known, attempt.Text, attempt.Count)}
	}
	var findings []Finding
	if as := attempt.Identified.User; as != known && attempt.Count != http.StatusSwitchingProtocols {
		findings = append(findings, found(WrongIdentity, attempt, "a request of %s with a forged identity (%s) was answered as one of %q", known, attempt.Text, as))
	}
	if path(attempt.Request.URL) == "/me" {
		// It is the dashboard's own answer.
		return findings
	}
	passed := passedOn(line, attempt.Request.URL)
	if len(passed) == 0 {
		findings = append(findings, missing(NothingSeen, "the tap saw nothing of the request with a forged identity (%s)", attempt.Text)...)
	}
	for _, event := range passed {
		if wireUser(line.Header, *event.Request) == anonymous {
			findings = append(findings, found(WrongIdentity, event, "a request of %s with a forged identity (%s) went out as nobody's", known, attempt.Text))
		}
	}
	return findings
}

// servedStranger says how a claim without a session was served.
func servedStranger(line timeline.Timeline, attempt timeline.Event) []Finding {
	var findings []Finding
	if attempt.Count < http.StatusMultipleChoices {
		findings = append(findings, found(Escalated, attempt, "a client without a session, and with a forged identity (%s), was answered %d", attempt.Text, attempt.Count))
	}
	for _, event := range passedOn(line, attempt.Request.URL) {
		findings = append(findings, found(Escalated, event, "a request without a session, and with a forged identity (%s), reached the API server as one of %q", attempt.Text, wireUser(line.Header, *event.Request)))
	}
	return findings
}
