package judge

import (
	"fmt"
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

// knownToCluster: the API server's own answer and its audit log give the user
// exactly the name and the groups that Keycloak has.
func knownToCluster(line timeline.Timeline, _ Rule) []Finding {
	users := usersOf(line)
	answer, asked := line.First(timeline.Suite, timeline.WhoAmI)
	if !asked {
		return missing(NothingSeen, "the page's session was never asked who it is")
	}
	var findings []Finding
	user, ours := users[answer.Identified.User]
	if !ours {
		return append(findings, found(WrongIdentity, answer, "the API server knows the user as %q, not as one of %s",
			answer.Identified.User, strings.Join(line.Header.Usernames(), ", ")))
	}
	if difference := groupsDiffer(user, answer.Identified.Groups); difference != "" {
		findings = append(findings, found(WrongIdentity, answer, "the API server answers for %s: %s", user.Name, difference))
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

// ownTokenThroughout: every request that the dashboard sent to the API server
// after the login carried the user's own token, unexpired.
func ownTokenThroughout(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	login := session.Events[0].At
	users := usersOf(line)
	var findings []Finding
	requests := 0
	for _, event := range session.Events {
		request := event.Request
		if event.Witness != timeline.Tap || request == nil || event.Kind == timeline.Ended || request.Began.Before(login) {
			continue
		}
		requests++
		what := request.Method + " " + path(request.URL)
		switch bearer := request.Bearer; {
		case bearer == nil:
			findings = append(findings, found(WrongCredential, event, "%s carried no token", what))
		case bearer.Issuer != line.Header.Issuer:
			findings = append(findings, found(WrongCredential, event, "%s carried a token of another issuer (%s, %s)", what, bearer.Issuer, bearer.Subject))
		case users[bearer.Username].Name == "":
			findings = append(findings, found(WrongIdentity, event, "%s carried a token of %q", what, bearer.Username))
		case request.Began.After(bearer.ExpiresAt.Add(clockTolerance)):
			findings = append(findings, found(ExpiredToken, event, "%s carried token %s, expired for %.1f s", what, bearer.Hash,
				request.Began.Sub(bearer.ExpiresAt).Seconds()))
		}
		if request.Impersonation != nil {
			findings = append(findings, found(WrongCredential, event, "%s asked to impersonate %q, which the token mode never does", what, request.Impersonation.User))
		}
	}
	if requests == 0 {
		findings = missing(NothingSeen, "the tap saw no request after the login")
	}
	return findings
}

// witnessesAgree: tap and audit log saw the same requests, one by one: each by
// its Audit-ID, with the same status and, when it was let in, the same user.
func witnessesAgree(line timeline.Timeline, _ Rule) []Finding {
	records := map[string]timeline.Event{}
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		records[event.Record.AuditID] = event
	}
	var findings []Finding
	sent := map[string]bool{}
	for _, event := range line.Events {
		if event.Witness != timeline.Tap || event.Request == nil || event.Request.AuditID == "" {
			continue
		}
		request := event.Request
		if sent[request.AuditID] {
			continue
		}
		sent[request.AuditID] = true
		what := request.Method + " " + path(request.URL)
		record, audited := records[request.AuditID]
		switch {
		case !audited && event.Kind == timeline.Failed:
			// It never reached the API server, or broke off before an answer.
		case !audited:
			findings = append(findings, found(WitnessesDiffer, event, "the tap passed %s on, which the audit log never saw", what))
		case request.Status != 0 && record.Record.Code != request.Status && event.Kind == timeline.Responded:
			findings = append(findings, found(WitnessesDiffer, event, "%s was answered %d at the tap, %d in the audit log", what, request.Status, record.Record.Code))
		case request.Bearer != nil && request.Status != http.StatusUnauthorized && request.Bearer.Username != "" && actingUser(*record.Record) != request.Bearer.Username:
			findings = append(findings, found(WitnessesDiffer, event, "%s carried the token of %s, and the audit log says %s", what, request.Bearer.Username, actingUser(*record.Record)))
		}
	}
	if len(sent) == 0 {
		return missing(NothingSeen, "the tap saw no request")
	}
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		if !sent[event.Record.AuditID] {
			findings = append(findings, found(WitnessesDiffer, event, "the audit log has %s %s of %s, which never went through the tap",
				event.Record.Verb, event.Record.URI, actingUser(*event.Record)))
		}
	}
	return findings
}

func usersOf(line timeline.Timeline) map[string]timeline.User {
	users := map[string]timeline.User{}
	for _, user := range line.Header.Users {
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
