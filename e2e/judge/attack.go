package judge

import (
	"net/http"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// forgeriesAtLeast is how many ways to forge an identity have to have been tried.
const forgeriesAtLeast = 10

// forgeryRefused: whatever identity a request claimed by headers of its own, it
// was refused, and the API server let nobody act but the user.
//
// In the identity mode token the headers may reach the API server: it decides, by
// the rights of the user whose token stands beside them.
func forgeryRefused(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	attempts := session.Of(timeline.Suite, timeline.Attempted)
	if len(attempts) < forgeriesAtLeast {
		return missing(NothingSeen, "%d forged identities were tried, at least %d are asked for", len(attempts), forgeriesAtLeast)
	}
	if len(ServedAtTap(session)) == 0 {
		return missing(NothingSeen, "no request of the user succeeded, so a refusal shows nothing")
	}
	var findings []Finding
	for _, attempt := range attempts {
		if attempt.Count < http.StatusBadRequest {
			findings = append(findings, found(Escalated, attempt, "a request with a forged identity (%s) was answered %d", attempt.Text, attempt.Count))
		}
	}
	users := usersOf(line)
	for _, event := range session.Of(timeline.Audit, timeline.Audited) {
		record := event.Record
		who := actingUser(*record)
		if _, ours := users[who]; ours || who == anonymous || record.Code == 0 || record.Code >= http.StatusBadRequest {
			continue
		}
		findings = append(findings, found(Escalated, event, "the API server let %q do %s %s", who, record.Verb, record.URI))
	}
	if line.Header.Mode == modeToken {
		return findings
	}
	for _, event := range session.Of(timeline.Tap, timeline.Responded) {
		asked := event.Request.Impersonation
		if asked == nil {
			continue
		}
		user, ours := users[asked.User]
		if !ours || groupsDiffer(user, append([]string{authenticated}, asked.Groups...)) != "" || len(asked.Extra) > 0 || asked.UID != "" {
			findings = append(findings, found(Escalated, event, "%s %s asked to impersonate %q in %s", event.Request.Method, path(event.Request.URL),
				asked.User, strings.Join(asked.Groups, ", ")))
		}
	}
	return findings
}

// noFallback: what the user may not do was answered 403, and nobody else asked
// for it in the user's place.
func noFallback(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	attempts := session.Of(timeline.Suite, timeline.Attempted)
	if len(attempts) == 0 {
		return missing(NothingSeen, "nobody asked for what is forbidden")
	}
	users := usersOf(line)
	var findings []Finding
	for _, attempt := range attempts {
		if attempt.Count != http.StatusForbidden {
			findings = append(findings, found(FellBack, attempt, "a request that the user has no right to was answered %d, and not 403", attempt.Count))
		}
		asked := 0
		for _, event := range session.Of(timeline.Tap, timeline.Responded) {
			if path(event.Request.URL) != attempt.Text {
				continue
			}
			asked++
			if _, ours := users[wireUser(line.Header, *event.Request)]; !ours {
				findings = append(findings, found(FellBack, event, "%s %s went out as %q, in the user's place", event.Request.Method, attempt.Text, wireUser(line.Header, *event.Request)))
			}
		}
		if asked == 0 {
			findings = append(findings, missing(NothingSeen, "the tap saw nobody ask for %s", attempt.Text)...)
		}
	}
	return findings
}

// noCookieUpstream: no session cookie of the browser's crossed the tap.
func noCookieUpstream(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	carries := func(event timeline.Event) bool {
		return event.Request.CookieToken != nil || slices.ContainsFunc(event.Request.Cookies, func(name string) bool {
			return isSession(timeline.Cookie{Name: name})
		})
	}
	atFront := session.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Front && e.Kind == timeline.Responded && toCluster(line, e) && carries(e)
	})
	if len(atFront) == 0 {
		return missing(NothingSeen, "the front saw no request to the cluster with a session cookie, so none could have been passed on")
	}
	atTap := session.Of(timeline.Tap, timeline.Responded)
	if len(atTap) == 0 {
		return missing(NothingSeen, "no request was answered at the tap")
	}
	var findings []Finding
	for _, event := range atTap {
		if carries(event) {
			findings = append(findings, found(CookieUpstream, event, "%s %s carried the browser's session cookie to the API server", event.Request.Method, path(event.Request.URL)))
		}
	}
	return findings
}
