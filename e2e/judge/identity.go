package judge

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// authenticated is the group that the API server adds to every user that it
// has authenticated (Kubernetes documentation, "Authenticating").
const authenticated = "system:authenticated"

// clockTolerance is how much a moment may lie past a token's expiry when it
// was taken: the moment at which a proxy noted the request's beginning, and
// the whole seconds of a token's times.
const clockTolerance = time.Second

// anonymous is as whom the API server knows a request without a credential.
const anonymous = "system:anonymous"

// knownToCluster: the API server's own answer and its audit log give the user
// exactly the name and the groups that Keycloak has, with the prefixes that the API
// server was told to put before them.
func knownToCluster(line timeline.Timeline, _ Rule) []Finding {
	users := usersOf(line)
	answers := line.Of(timeline.Suite, timeline.WhoAmI)
	if len(answers) == 0 {
		return missing(NothingSeen, "the page's session was never asked who it is")
	}
	var findings []Finding
	for _, answer := range answers {
		user, ours := users[answer.Identified.User]
		if !ours {
			findings = append(findings, found(WrongIdentity, answer, "the API server knows the user as %q, not as one of %s",
				answer.Identified.User, strings.Join(slices.Sorted(maps.Keys(users)), ", ")))
		} else if difference := groupsDiffer(user, answer.Identified.Groups); difference != "" {
			findings = append(findings, found(WrongIdentity, answer, "the API server answers for %s: %s", user.Name, difference))
		}
	}
	records := 0
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		user, ours := users[actingUser(*event.Record)]
		if !ours {
			continue
		}
		records++
		if difference := groupsDiffer(user, actingGroups(*event.Record)); difference != "" {
			findings = append(findings, found(WrongIdentity, event, "the audit log says of %s %s: %s", event.Record.Verb, event.Record.URI, difference))
		}
	}
	if records == 0 {
		findings = append(findings, missing(NothingSeen, "the audit log has no request of the user")...)
	}
	return findings
}

// ownTokenThroughout: every request that the dashboard sent towards the API
// server after the login, to the end of the hold, carried the user's own token,
// unexpired.
func ownTokenThroughout(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	// In the identity mode proxy the user's token ends at the impersonator.
	hop := timeline.Tap
	if line.Header.Mode == modeProxy {
		hop = timeline.Impersonator
	}
	login := session.Events[0].At
	var findings []Finding
	var last time.Time
	requests := 0
	for _, event := range session.Events {
		if event.Witness != hop || (event.Kind != timeline.Responded && event.Kind != timeline.Failed) || began(event).Before(login) {
			continue
		}
		requests++
		last = began(event)
		findings = append(findings, wrongToken(line, event)...)
	}
	if requests == 0 {
		return missing(NothingSeen, "the %s saw no request after the login", hop)
	}
	for _, ended := range line.Of(timeline.Suite, timeline.HoldEnded) {
		if ended.Text != "" {
			findings = append(findings, found(ExpiryNotCrossed, ended, "the hold ended early: %s", ended.Text))
		}
	}
	if crossed := crossings(line); len(crossed) > 0 {
		if expiry := crossed[len(crossed)-1]; !last.After(expiry.Token.ExpiresAt) {
			findings = append(findings, missing(NothingSeen, "the %s saw no request after expiry %d", hop, expiry.Count)...)
		}
	}
	return findings
}

// wrongToken says what is wrong with the credential of one request.
func wrongToken(line timeline.Timeline, event timeline.Event) []Finding {
	request, sent := event.Request, began(event)
	what := request.Method + " " + path(request.URL)
	tolerance := clockTolerance
	if request.Status == http.StatusUnauthorized {
		// Whoever answered has said so: its clock decides, not ours.
		tolerance = 0
	}
	var findings []Finding
	switch bearer := request.Bearer; {
	case bearer == nil:
		findings = append(findings, found(WrongCredential, event, "%s carried no token", what))
	case bearer.Issuer != line.Header.Issuer:
		findings = append(findings, found(WrongCredential, event, "%s carried a token of another issuer (%s, %s)", what, bearer.Issuer, bearer.Subject))
	case !slices.Contains(line.Header.Usernames(), bearer.Username):
		findings = append(findings, found(WrongIdentity, event, "%s carried a token of %q", what, bearer.Username))
	case sent.After(bearer.ExpiresAt.Add(tolerance)):
		findings = append(findings, found(ExpiredToken, event, "%s carried token %s, expired for %.1f s", what, bearer.Hash,
			sent.Sub(bearer.ExpiresAt).Seconds()))
	}
	// The impersonator's record has the headers that it sent on itself.
	if request.Impersonation != nil && event.Witness == timeline.Tap {
		findings = append(findings, found(WrongCredential, event, "%s asked to impersonate %q, which the token mode never does", what, request.Impersonation.User))
	}
	return findings
}

// witnessesAgree: tap and audit log saw the same requests, one by one: each by
// its Audit-ID, with the same status and, when it was let in, the same user.
func witnessesAgree(line timeline.Timeline, _ Rule) []Finding {
	records := auditedOf(line)
	var findings []Finding
	sent := map[string]bool{}
	answered := 0
	for _, event := range line.Events {
		if event.Witness != timeline.Tap || (event.Kind != timeline.Responded && event.Kind != timeline.Failed) || sent[event.Request.AuditID] {
			continue
		}
		request := event.Request
		if event.Kind == timeline.Responded {
			answered++
		}
		if request.AuditID != "" {
			sent[request.AuditID] = true
		}
		findings = append(findings, disagreement(line.Header, event, records)...)
	}
	if answered == 0 {
		return missing(NothingSeen, "no request was answered at the tap")
	}
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		if !sent[event.Record.AuditID] {
			findings = append(findings, found(WitnessesDiffer, event, "the audit log has %s %s of %s, which never went through the tap",
				event.Record.Verb, event.Record.URI, actingUser(*event.Record)))
		}
	}
	return findings
}

// disagreement says in what the audit log differs from a request at the tap.
func disagreement(header timeline.Header, event timeline.Event, records map[string]timeline.Event) []Finding {
	request := event.Request
	what := request.Method + " " + path(request.URL)
	audited, known := records[request.AuditID]
	switch {
	case event.Kind == timeline.Failed:
		// It never reached the API server, or broke off before an answer.
		return nil
	case request.AuditID == "":
		return []Finding{found(WitnessesDiffer, event, "the tap passed %s on without an Audit-ID, so no record can be its own", what)}
	case !known:
		return []Finding{found(WitnessesDiffer, event, "the tap passed %s on, which the audit log never saw", what)}
	}
	record := *audited.Record
	if record.Code != request.Status {
		return []Finding{found(WitnessesDiffer, event, "%s was answered %d at the tap, %d in the audit log", what, request.Status, record.Code)}
	}
	// Of a request that was refused, the audit log need not know whose it was, or
	// as whom it would have been made.
	if request.Status == http.StatusUnauthorized || (request.Impersonation != nil && request.Status == http.StatusForbidden) {
		return nil
	}
	if user := wireUser(header, *request); user != "" && user != actingUser(record) {
		return []Finding{found(WitnessesDiffer, event, "%s went out as %s, and the audit log says %s", what, user, actingUser(record))}
	}
	return nil
}

// wireUser is as whom a request asks the API server to be known, or "" when
// that cannot be read from it.
func wireUser(header timeline.Header, request timeline.Request) string {
	switch {
	case request.Impersonation != nil && request.Impersonation.User != "":
		return request.Impersonation.User
	case request.Bearer == nil:
		return anonymous
	case request.Bearer.Issuer == header.Issuer && request.Bearer.Username != "":
		return header.UsernamePrefix + request.Bearer.Username
	default:
		return request.Bearer.Username
	}
}

// usersOf are the users by the names by which the API server has to know them.
func usersOf(line timeline.Timeline) map[string]timeline.User {
	users := map[string]timeline.User{}
	for _, user := range line.Header.KnownUsers() {
		users[user.Name] = user
	}
	return users
}

// actingUser is as whom the API server decided about a request.
func actingUser(record timeline.Record) string {
	if record.ImpersonatedUser != "" {
		return record.ImpersonatedUser
	}
	return record.User
}

func actingGroups(record timeline.Record) []string {
	if record.ImpersonatedUser != "" {
		return record.ImpersonatedGroups
	}
	return record.Groups
}

// groupsDiffer compares groups as sets, exactly, and says how they differ.
func groupsDiffer(user timeline.User, got []string) string {
	want := append(slices.Clone(user.Groups), authenticated)
	var parts []string
	for _, group := range want {
		if !slices.Contains(got, group) {
			parts = append(parts, fmt.Sprintf("the group %q is missing", group))
		}
	}
	for _, group := range got {
		if !slices.Contains(want, group) {
			parts = append(parts, fmt.Sprintf("the group %q is too much", group))
		}
	}
	return strings.Join(parts, ", ")
}
