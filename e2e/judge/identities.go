package judge

import (
	"net/http"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// identities compares as whom requests went out with as whom the API server took
// them.
type identities struct {
	line    timeline.Timeline
	users   map[string]timeline.User
	audited map[string]timeline.Event // the audit log's records, by Audit-ID
}

func identitiesOf(line timeline.Timeline) identities {
	return identities{line: line, users: usersOf(line), audited: auditedOf(line)}
}

// auditedOf are the audit log's records, by Audit-ID; the last one, for that of a
// request which streams has two.
func auditedOf(line timeline.Timeline) map[string]timeline.Event {
	audited := map[string]timeline.Event{}
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		audited[event.Record.AuditID] = event
	}
	return audited
}

// sentOn says whether an event is a request that the dashboard sent towards the
// API server, or that the impersonator sent on.
func sentOn(event timeline.Event) bool {
	return (event.Witness == timeline.Tap || event.Witness == timeline.Impersonator) &&
		(event.Kind == timeline.Responded || event.Kind == timeline.Failed)
}

// wrong says what is wrong with the identity of one request, in the way that the
// identity mode has for it, and with that of its record in the audit log.
func (i identities) wrong(event timeline.Event) []Finding {
	// In the identity mode proxy the user's token ends at the impersonator.
	if event.Witness == timeline.Impersonator {
		return wrongToken(i.line, event)
	}
	var findings []Finding
	if i.line.Header.Mode == modeToken {
		findings = wrongToken(i.line, event)
	} else {
		findings = wrongHeaders(i.line, i.users, event)
	}
	record, known := i.audited[event.Request.AuditID]
	// Of a request that was refused for its credential, nobody knows whose it was.
	if !known || record.Record.Code == http.StatusUnauthorized {
		return findings
	}
	what := record.Record.Verb + " " + record.Record.URI
	user, ours := i.users[actingUser(*record.Record)]
	if !ours {
		return append(findings, found(WrongIdentity, record, "the audit log says that %q did %s", actingUser(*record.Record), what))
	}
	if difference := groupsDiffer(user, actingGroups(*record.Record)); difference != "" {
		findings = append(findings, found(WrongIdentity, record, "the audit log says of %s: %s", what, difference))
	}
	return findings
}
