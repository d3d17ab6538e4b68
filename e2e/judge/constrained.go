package judge

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// What a user does whom an account impersonates that may do so only to look: the
// level of the event that tells of it.
const (
	Looks   = "looks"
	Deletes = "deletes"
)

// constraint is the verb that lets an account be any user, for some requests alone
// (KEP-5284).
const constraint = "impersonate:user-info"

// impersonationConstrained: an account that may impersonate only to look did so, as
// the audit log says; what the user would have deleted was refused, under the user's
// name, and is still there; and nobody did it otherwise.
func impersonationConstrained(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	looks, deletes := attemptsOf(session, Looks), attemptsOf(session, Deletes)
	_, stayed := session.Acted(timeline.ObjectStayed)
	gone, wasGone := session.Acted(timeline.ObjectGone)
	if len(looks) == 0 || len(deletes) == 0 || (!stayed && !wasGone) {
		return missing(NothingSeen, "the user looked %d times and deleted %d times, and what became of the object was seen: %t", len(looks), len(deletes), stayed || wasGone)
	}
	var findings []Finding
	for _, attempt := range looks {
		if attempt.Count != http.StatusOK {
			findings = append(findings, found(NotServed, attempt, "what the account may impersonate for was answered %d", attempt.Count))
		}
	}
	for _, attempt := range deletes {
		switch {
		case attempt.Count < http.StatusBadRequest:
			findings = append(findings, found(StillServed, attempt, "a delete that the account may not impersonate for was answered %d", attempt.Count))
		case attempt.Count != http.StatusForbidden:
			findings = append(findings, found(RequestFailed, attempt, "a delete that the account may not impersonate for was answered %d, and not 403", attempt.Count))
		}
	}
	if wasGone {
		findings = append(findings, found(StillServed, gone, "what nobody could delete in the user's name is gone"))
	}
	asked := asksAfter(line, session.Events[0].At)
	findings = append(findings, asked.findings...)
	return append(findings, constraintNamed(session, asked, looks[0].Text, deletes[0].Text)...)
}

// constraintNamed: the audit log says that looking was constrained impersonation, and
// that deleting was asked for in the user's name and refused.
func constraintNamed(session timeline.Timeline, asked asks, looked, deleted string) []Finding {
	users := usersOf(session)
	var findings []Finding
	named, refused := false, false
	for _, event := range session.Of(timeline.Audit, timeline.Audited) {
		record := event.Record
		if _, ours := users[record.ImpersonatedUser]; ours && record.Constraint != constraint && record.Code < http.StatusBadRequest {
			findings = append(findings, found(Escalated, event, "%s impersonated %s for %s %s without a constraint (%q)", record.User, record.ImpersonatedUser, record.Verb, record.URI, record.Constraint))
		}
		named = named || (record.Constraint == constraint && path(record.URI) == looked)
		refused = refused || (asked.named[record.AuditID] && record.Code == http.StatusForbidden && record.ImpersonatedUser == "" && path(record.URI) == deleted)
	}
	if !named {
		findings = append(findings, missing(NothingSeen, "the audit log names no constraint for %s", looked)...)
	}
	if !refused {
		findings = append(findings, missing(NothingSeen, "the API server was not asked, in the user's name, to delete what it refuses to")...)
	}
	return findings
}

// takenImpersonationRefused: when the account that impersonates was not allowed to
// any more, everything that the user asked for was refused, and nothing went out
// under the account alone or with the user's own token.
func takenImpersonationRefused(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	taken, wasTaken := session.Acted(timeline.ImpersonationTaken)
	if !wasTaken {
		return missing(NothingSeen, "nobody took the permission to impersonate away")
	}
	before := attemptsOf(session.Until(taken.At), Looks)
	if len(before) == 0 || before[len(before)-1].Count != http.StatusOK {
		return missing(NothingSeen, "the user was not seen to be served, as long as the account could impersonate")
	}
	after := session.Since(taken.At).Of(timeline.Suite, timeline.Attempted)
	if len(after) == 0 {
		return missing(NothingSeen, "the user asked for nothing, after the permission to impersonate was taken away")
	}
	var findings []Finding
	for _, attempt := range after {
		if attempt.Count < http.StatusBadRequest {
			findings = append(findings, found(StillServed, attempt, "%s was answered %d, after the permission to impersonate was taken away", attempt.Text, attempt.Count))
		}
	}
	asked := asksAfter(line, taken.At)
	findings = append(findings, asked.findings...)
	if !slices.ContainsFunc(session.Of(timeline.Audit, timeline.Audited), func(e timeline.Event) bool {
		return asked.named[e.Record.AuditID] && e.Record.Code == http.StatusForbidden && e.Record.ImpersonatedUser == ""
	}) {
		findings = append(findings, missing(NothingSeen, "the audit log has no impersonation that was refused, after the permission to it was taken away")...)
	}
	return findings
}

func attemptsOf(line timeline.Timeline, level string) []timeline.Event {
	return slices.DeleteFunc(line.Of(timeline.Suite, timeline.Attempted), func(e timeline.Event) bool { return e.Level != level })
}

// asks are requests that were to be made by impersonation.
type asks struct {
	named    map[string]bool // Audit-IDs of those that named a user of ours
	findings []Finding       // about those that did not
}

// asksAfter looks at every request that was sent from a moment on: one with the
// account's credential has to name a user, and none may carry the user's own token.
// One without a credential is nobody's.
func asksAfter(line timeline.Timeline, from time.Time) asks {
	users := usersOf(line)
	asked := asks{named: map[string]bool{}}
	for _, event := range line.Events {
		if event.Witness != timeline.Tap || (event.Kind != timeline.Responded && event.Kind != timeline.Failed) || began(event).Before(from) {
			continue
		}
		request := *event.Request
		what := request.Method + " " + path(request.URL)
		switch {
		case request.Bearer == nil:
			continue
		case request.Bearer.Issuer == line.Header.Issuer:
			asked.findings = append(asked.findings, found(WrongCredential, event, "%s carried the user's own token %s", what, request.Bearer.Hash))
		case request.Impersonation == nil || request.Impersonation.User == "":
			asked.findings = append(asked.findings, found(ActsAsItself, event, "%s went out as %s, for nobody", what, request.Bearer.Subject))
		default:
			if _, ours := users[request.Impersonation.User]; !ours {
				asked.findings = append(asked.findings, found(WrongIdentity, event, "%s asked to impersonate %q", what, request.Impersonation.User))
				continue
			}
			asked.named[request.AuditID] = true
		}
	}
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		record := event.Record
		if strings.HasPrefix(record.User, accounts) && record.ImpersonatedUser == "" && !asked.named[record.AuditID] && !record.Received.Before(from) {
			asked.findings = append(asked.findings, found(ActsAsItself, event, "the audit log says that %s did %s %s itself", record.User, record.Verb, record.URI))
		}
	}
	return asked
}
