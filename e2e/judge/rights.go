package judge

import (
	"net/http"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// takenRightForbidden: what a user could do was forbidden when the right to it had
// been taken away, as the API server saw too; and nothing else changed: no request
// was answered 401, no session cookie was taken, nobody logged in again, other
// requests went on to succeed, and a page, where there was one, neither said that
// its connection is lost nor asked for a login.
func takenRightForbidden(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	taken, wereTaken := session.Acted(timeline.RightsTaken)
	if !wereTaken {
		return missing(NothingSeen, "nobody's right was taken away")
	}
	before := session.Until(taken.At).Of(timeline.Suite, timeline.Attempted)
	if len(before) == 0 || before[len(before)-1].Count != http.StatusOK {
		return missing(NothingSeen, "the user was not seen to do what the right allows, as long as it did")
	}
	rest := session.Since(taken.At)
	attempts := rest.Of(timeline.Suite, timeline.Attempted)
	if len(attempts) == 0 {
		return missing(NothingSeen, "nobody tried what the right had allowed, after it was taken away")
	}
	var findings []Finding
	for _, attempt := range attempts {
		if attempt.Count != http.StatusForbidden {
			findings = append(findings, found(StillServed, attempt, "what the right had allowed was answered %d after it was taken away, and not 403", attempt.Count))
		}
	}
	users := usersOf(line)
	if !slices.ContainsFunc(rest.Of(timeline.Audit, timeline.Audited), func(e timeline.Event) bool {
		_, ours := users[actingUser(*e.Record)]
		return ours && e.Record.Code == http.StatusForbidden && path(e.Record.URI) == attempts[0].Text
	}) {
		findings = append(findings, missing(NothingSeen, "the audit log has no request of the user that was forbidden after the right was taken away")...)
	}
	refused := attempts[len(attempts)-1]
	if len(ServedAtTap(line.Since(refused.At))) == 0 {
		findings = append(findings, missing(NotServed, "after something was forbidden, the tap saw no request of the user succeed")...)
	}
	return append(findings, sessionTouched(line, rest)...)
}

// sessionTouched says by what a part of a timeline shows that the session did not
// go on.
func sessionTouched(line, part timeline.Timeline) []Finding {
	var findings []Finding
	for _, event := range part.Events {
		switch {
		case event.Witness == timeline.Front && event.Kind == timeline.Responded && toCluster(line, event):
			if event.Request.Status == http.StatusUnauthorized {
				findings = append(findings, found(Unauthorized, event, "%s %s was answered 401", event.Request.Method, path(event.Request.URL)))
			}
			if takesSession(event.Request.SetCookies) {
				findings = append(findings, found(SessionDropped, event, "the answer to %s %s took the session's cookie", event.Request.Method, path(event.Request.URL)))
			}
		case atKeycloak(line, event, timeline.Login):
			findings = append(findings, found(LoggedInAgain, event, "Keycloak stored another login"))
		case event.Witness != timeline.Page:
		case event.Kind == timeline.AlertShown && event.Level != "hidden" && strings.Contains(strings.ToLower(event.Text), lostConnection):
			findings = append(findings, found(LostConnection, event, "the page said %q", event.Text))
		case event.Kind == timeline.Routed && AsksForLogin(line.Header, event):
			findings = append(findings, found(LeftThePage, event, "the page asked for a login: it went to %s", event.Text))
		}
	}
	return findings
}

// takesSession says whether an answer takes the session's cookies away. One that
// renews a session may remove pieces of the former cookie, and sets others.
func takesSession(cookies []timeline.Cookie) bool {
	taken := false
	for _, cookie := range cookies {
		if isSession(cookie) {
			return false
		}
		cookie.Deleted = false
		taken = taken || isSession(cookie)
	}
	return taken
}
