package judge

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// impersonatedThroughout: every request that reached the tap after the login,
// to the end of the hold, asked to impersonate exactly the user and the user's
// groups, under a credential that is not the user's, and the audit log says
// that the API server did so. Requests of every kind were seen.
func impersonatedThroughout(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	login := session.Events[0].At
	users := usersOf(line)
	audited := auditedOf(line)
	var findings []Finding
	var seen kinds
	for _, event := range session.Events {
		if event.Witness != timeline.Tap || (event.Kind != timeline.Responded && event.Kind != timeline.Failed) || began(event).Before(login) {
			continue
		}
		seen.add(*event.Request)
		findings = append(findings, wrongHeaders(line, users, event)...)
		if record, found := audited[event.Request.AuditID]; found {
			findings = append(findings, wrongRecord(users, *event.Request, record)...)
		}
	}
	if unseen := seen.missing(); unseen != "" {
		findings = append(findings, missing(NothingSeen, "after the login the tap saw no %s, so nothing is shown of such requests", unseen)...)
	}
	return findings
}

// wrongHeaders says what is wrong with the identity that one request carried.
func wrongHeaders(line timeline.Timeline, users map[string]timeline.User, event timeline.Event) []Finding {
	request := *event.Request
	what := request.Method + " " + path(request.URL)
	var findings []Finding
	switch bearer := request.Bearer; {
	case bearer == nil:
		findings = append(findings, found(WrongCredential, event, "%s went out without a credential of the one who impersonates", what))
	case bearer.Issuer == line.Header.Issuer:
		findings = append(findings, found(WrongCredential, event, "%s carried the user's own token %s", what, bearer.Hash))
	}
	for _, token := range request.Beside {
		if token.Issuer == line.Header.Issuer {
			findings = append(findings, found(WrongCredential, event, "%s carried the user's own token %s beside the credential", what, token.Hash))
		}
	}
	asked := request.Impersonation
	if asked == nil || asked.User == "" {
		return append(findings, found(NotImpersonated, event, "%s asked to impersonate nobody", what))
	}
	user, ours := users[asked.User]
	if !ours {
		return append(findings, found(WrongIdentity, event, "%s asked to impersonate %q, not one of %s",
			what, asked.User, strings.Join(slices.Sorted(maps.Keys(users)), ", ")))
	}
	// The API server adds the group of everybody who is authenticated: a
	// request may name it, and need not.
	if difference := groupsDiffer(user, append([]string{authenticated}, asked.Groups...)); difference != "" {
		findings = append(findings, found(WrongIdentity, event, "%s asked to impersonate %s: %s", what, asked.User, difference))
	}
	return findings
}

// wrongRecord says in what the audit log's record of a request shows another
// identity than the user's.
func wrongRecord(users map[string]timeline.User, request timeline.Request, event timeline.Event) []Finding {
	record := *event.Record
	what := record.Verb + " " + record.URI
	switch {
	case request.Impersonation == nil:
		// Said of the request already.
		return nil
	case record.ImpersonatedUser == "" && record.Code == http.StatusForbidden:
		return []Finding{found(WrongIdentity, event, "the API server refused to let %s impersonate for %s", record.User, what)}
	case record.ImpersonatedUser == "":
		return []Finding{found(WrongIdentity, event, "the audit log says of %s that %s impersonated nobody", what, record.User)}
	}
	user, ours := users[record.ImpersonatedUser]
	if !ours {
		return []Finding{found(WrongIdentity, event, "the audit log says of %s that %q was impersonated", what, record.ImpersonatedUser)}
	}
	if difference := groupsDiffer(user, record.ImpersonatedGroups); difference != "" {
		return []Finding{found(WrongIdentity, event, "the audit log says of %s: %s", what, difference)}
	}
	return nil
}

// kinds are the kinds of requests that have to be seen before anything can be
// said of every request.
type kinds struct{ read, write, remove, watch bool }

func (k *kinds) add(request timeline.Request) {
	switch {
	case request.WebSocket || strings.Contains(request.URL, "watch="):
		k.watch = true
	case request.Method == http.MethodGet:
		k.read = true
	case request.Method == http.MethodDelete:
		k.remove = true
	case request.Method == http.MethodPost || request.Method == http.MethodPut || request.Method == http.MethodPatch:
		k.write = true
	}
}

func (k *kinds) missing() string {
	var unseen []string
	for _, kind := range []struct {
		seen bool
		name string
	}{{k.read, "read"}, {k.write, "write"}, {k.remove, "delete"}, {k.watch, "watch"}} {
		if !kind.seen {
			unseen = append(unseen, kind.name)
		}
	}
	return strings.Join(unseen, ", no ")
}
