package judge

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// followWithin is how long after the browser first came with a token that knows of a
// change requests may still go out as before: Headlamp sends the request that renewed
// the session with the old token, and so those that came beside it.
const followWithin = 5 * time.Second

// GroupsFollowFrom is from when on every request has to go out with the groups that
// were left to the user, and whether the session was renewed after that at all.
func GroupsFollowFrom(line timeline.Timeline) (from time.Time, known bool) {
	from, known = renewedWithout(line)
	taken, _ := groupTaken(line)
	// Until the renewed cookie has reached it, a browser can but send the old one.
	for _, event := range line.Of(timeline.Front, timeline.Responded) {
		if brought := event.Request.SessionToken(); brought != nil && brought.IssuedAt.After(taken.At) {
			if began(event).After(from) {
				from = began(event)
			}
			break
		}
	}
	return from.Add(followWithin), known
}

// renewedWithout is when the first token was issued that the user got without the
// group.
func renewedWithout(line timeline.Timeline) (at time.Time, known bool) {
	taken, wereTaken := groupTaken(line)
	if !wereTaken {
		return time.Time{}, false
	}
	for _, token := range line.Tokens() {
		// Its time is in whole seconds: one of the same second may be of before.
		if token.IssuedAt.After(taken.At) && (!known || token.IssuedAt.Before(at)) {
			at, known = token.IssuedAt, true
		}
	}
	return at, known
}

func groupTaken(line timeline.Timeline) (timeline.Event, bool) {
	for _, event := range line.Of(timeline.Suite, timeline.Acted) {
		if event.Text == timeline.GroupTaken && event.Identified != nil {
			return event, true
		}
	}
	return timeline.Event{}, false
}

// groupsFollowRefresh: a user who could do something was taken out of the group
// that allows it, the session was renewed, and from then on every request went out
// with the groups that were left, and what the group had allowed was forbidden.
func groupsFollowRefresh(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	taken, wereTaken := groupTaken(session)
	if !wereTaken {
		return missing(NothingSeen, "nobody was taken out of a group")
	}
	before := session.Until(taken.At).Of(timeline.Suite, timeline.Attempted)
	if len(before) == 0 || before[len(before)-1].Count != http.StatusOK {
		return missing(NothingSeen, "the user was not seen to do what the group allows, as long as it did")
	}
	issued, renewed := renewedWithout(line)
	from := issued.Add(followWithin)
	binding, _ := GroupsFollowFrom(line)
	refreshes := session.Since(taken.At).Select(func(e timeline.Event) bool { return atKeycloak(line, e, timeline.Refresh) })
	if !renewed || len(refreshes) == 0 {
		return missing(NotRefreshed, "the session was not renewed after the user was taken out of a group: Keycloak stored %d refreshes, and no token of after it was used", len(refreshes))
	}
	left := timeline.User{Name: taken.Identified.User, Groups: taken.Identified.Groups}
	var findings []Finding
	sent, audited := map[string]bool{}, 0
	for _, event := range session.Of(timeline.Tap, timeline.Responded) {
		if began(event).Before(from) || wireUser(line.Header, *event.Request) != left.Name {
			continue
		}
		// The API server adds the group of everybody who is authenticated.
		difference := groupsDiffer(left, append([]string{authenticated}, wireGroups(*event.Request)...))
		if difference != "" && began(event).Before(binding) {
			continue
		}
		sent[event.Request.AuditID] = true
		if difference != "" {
			findings = append(findings, found(WrongIdentity, event, "%s %s went out after the session was renewed, and %s", event.Request.Method, path(event.Request.URL), difference))
		}
	}
	for _, event := range session.Of(timeline.Audit, timeline.Audited) {
		if !sent[event.Record.AuditID] {
			continue
		}
		audited++
		if difference := groupsDiffer(left, actingGroups(*event.Record)); difference != "" {
			findings = append(findings, found(WrongIdentity, event, "the audit log says of %s %s, after the session was renewed: %s", event.Record.Verb, event.Record.URI, difference))
		}
	}
	if audited == 0 {
		findings = append(findings, missing(NothingSeen, "tap and audit log saw no request of the user after the session was renewed")...)
	}
	after := session.Since(from).Of(timeline.Suite, timeline.Attempted)
	if len(after) == 0 {
		findings = append(findings, missing(NothingSeen, "nobody tried what the group had allowed, after the session was renewed")...)
	}
	for _, attempt := range after {
		if attempt.Count != http.StatusForbidden {
			findings = append(findings, found(LingeringAccess, attempt, "what the group had allowed was answered %d, after the session was renewed, and not 403", attempt.Count))
		}
	}
	return findings
}

// wireGroups are the groups with which a request asks the API server to be known.
func wireGroups(request timeline.Request) []string {
	switch {
	case request.Impersonation != nil:
		return request.Impersonation.Groups
	case request.Bearer != nil:
		return request.Bearer.Groups
	default:
		return nil
	}
}
