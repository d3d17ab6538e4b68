package judge

import (
	"net/http"
	"slices"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// What somebody tries at the impersonator, past the dashboard: the level of the
// event that tells of it.
const (
	GoodToken     = "good-token"     // a token of the user's as it should be
	BadToken      = "bad-token"      // one that is wrong in one thing, or none
	ClaimsAnother = "claims-another" // a good one, and headers that claim another identity
)

// triesAtLeast is how many tries of each kind there have to be.
var triesAtLeast = map[string]int{GoodToken: 3, BadToken: 14, ClaimsAnother: 12}

// refusals are the answers that refuse a credential. Of a token that names nobody,
// and is good otherwise, a proxy may say that the request is a bad one.
var refusals = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}

// badTokensRefused: of what came to the impersonator past the dashboard, good
// tokens were served as their user's, before bad ones and after; bad ones were
// refused and went no further; and who claimed another identity beside a good
// token was known as the token's user, or was refused.
func badTokensRefused(line timeline.Timeline, _ Rule) []Finding {
	attempts := line.Of(timeline.Suite, timeline.Attempted)
	tried := map[string]int{}
	for _, attempt := range attempts {
		tried[attempt.Level]++
	}
	for _, kind := range []string{GoodToken, BadToken, ClaimsAnother} {
		if tried[kind] < triesAtLeast[kind] {
			return missing(NothingSeen, "%d tries of the kind %s were made at the impersonator, at least %d are asked for", tried[kind], kind, triesAtLeast[kind])
		}
	}
	users := usersOf(line)
	var findings []Finding
	for _, attempt := range attempts {
		if attempt.Request == nil {
			return missing(NothingSeen, "the timeline does not say what was tried with %q", attempt.Text)
		}
		passed := passedOn(line, attempt.Request.URL)
		switch {
		case attempt.Level == BadToken && !slices.Contains(refusals, attempt.Count):
			findings = append(findings, found(BadTokenAdmitted, attempt, "a request with a bad token (%s) was not refused, but answered %d", attempt.Text, attempt.Count))
		case attempt.Level == BadToken && len(passed) > 0:
			findings = append(findings, found(BadTokenAdmitted, passed[0], "a request with a bad token (%s) was passed on", attempt.Text))
		case attempt.Level == BadToken:
		case attempt.Level == GoodToken && (attempt.Count != http.StatusCreated || len(passed) == 0):
			findings = append(findings, found(NotServed, attempt, "a request with a good token (%s) was answered %d, and passed on %d times", attempt.Text, attempt.Count, len(passed)))
		default:
			findings = append(findings, asTheTokensUser(line, users, passed)...)
		}
	}
	return findings
}

// passedOn are the requests for a URL that the tap answered.
func passedOn(line timeline.Timeline, url string) []timeline.Event {
	return line.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Tap && e.Kind == timeline.Responded && e.Request.URL == url
	})
}

// asTheTokensUser says in what requests that were passed on name another than the
// user, or more than the user.
func asTheTokensUser(line timeline.Timeline, users map[string]timeline.User, passed []timeline.Event) []Finding {
	var findings []Finding
	for _, event := range passed {
		findings = append(findings, wrongHeaders(line, users, event)...)
		if asked := event.Request.Impersonation; asked != nil && (len(asked.Extra) > 0 || asked.UID != "") {
			findings = append(findings, found(WrongIdentity, event, "%s %s asked to impersonate more than a name and groups", event.Request.Method, path(event.Request.URL)))
		}
		if event.Request.CookieToken != nil {
			findings = append(findings, found(CookieUpstream, event, "%s %s carried a session cookie to the API server", event.Request.Method, path(event.Request.URL)))
		}
	}
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		for _, sent := range passed {
			if sent.Request.AuditID == event.Record.AuditID {
				findings = append(findings, wrongRecord(users, *sent.Request, event)...)
			}
		}
	}
	return findings
}
