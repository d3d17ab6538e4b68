package judge

import (
	"net/http"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// accounts is how the names of a cluster's own accounts begin (Kubernetes
// documentation, "Service accounts").
const accounts = "system:serviceaccount:"

// Discovery is what every client asks to learn what a cluster has. It is the same
// for all users, which tempts a dashboard to ask for it but once, and as itself.
var Discovery = []string{"/version", "/api", "/apis"}

// accountUnused: while a user acted, no request went to the API server, or to the
// impersonator before it, as one of the dashboard's own account: that may
// impersonate the user, and nothing else. Requests of every kind were seen, one for
// discovery and one that was forbidden among them.
func accountUnused(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	login := session.Events[0].At
	impersonating := map[string]bool{}
	var findings []Finding
	var seen kinds
	discovered, forbidden := false, false
	for _, event := range session.Events {
		if event.Kind != timeline.Responded && event.Kind != timeline.Failed {
			continue
		}
		atTap := event.Witness == timeline.Tap
		if (!atTap && event.Witness != timeline.Impersonator) || began(event).Before(login) {
			continue
		}
		request := *event.Request
		if atTap {
			seen.add(request)
			discovered = discovered || slices.Contains(Discovery, path(request.URL))
			forbidden = forbidden || request.Status == http.StatusForbidden
		}
		named := request.Impersonation != nil && request.Impersonation.User != ""
		if atTap && named {
			impersonating[request.AuditID] = true
		}
		// What the impersonator recorded has the headers that it sent on itself.
		if isAccount(line.Header, request.Bearer) && (!atTap || !named) {
			findings = append(findings, found(ActsAsItself, event, "%s %s went out as %s, for nobody", request.Method, path(request.URL), request.Bearer.Subject))
		}
	}
	for _, event := range session.Of(timeline.Audit, timeline.Audited) {
		record := event.Record
		// Of an impersonation that was refused, the audit log names who asked.
		if strings.HasPrefix(record.User, accounts) && record.ImpersonatedUser == "" && !impersonating[record.AuditID] && !record.Received.Before(login) {
			findings = append(findings, found(ActsAsItself, event, "the audit log says that %s did %s %s itself", record.User, record.Verb, record.URI))
		}
	}
	unseen := seen.missing()
	switch {
	case unseen != "":
		findings = append(findings, missing(NothingSeen, "after the login the tap saw no %s, so nothing is shown of such requests", unseen)...)
	case !discovered:
		findings = append(findings, missing(NothingSeen, "after the login the tap saw nobody ask what the cluster has")...)
	case !forbidden:
		findings = append(findings, missing(NothingSeen, "after the login the tap saw nothing forbidden, which is when a dashboard may help itself")...)
	}
	return findings
}

// isAccount says whether a credential is one of a cluster's own accounts.
func isAccount(header timeline.Header, bearer *redact.Token) bool {
	return bearer != nil && bearer.Issuer != header.Issuer && strings.HasPrefix(bearer.Subject, accounts)
}
