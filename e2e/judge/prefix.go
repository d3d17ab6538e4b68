package judge

import (
	"net/http"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// knownThroughout: every request after the login that the API server did not refuse
// for its credential was decided as the user's, by exactly the name and the groups
// by which the API server has to know the user, prefixes included. Requests of every
// kind were seen.
func knownThroughout(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	login := session.Events[0].At
	users := usersOf(line)
	audited := auditedOf(line)
	var findings []Finding
	var seen kinds
	for _, event := range session.Of(timeline.Tap, timeline.Responded) {
		request := *event.Request
		if began(event).Before(login) || request.Status == http.StatusUnauthorized {
			continue
		}
		what := request.Method + " " + path(request.URL)
		record, known := audited[request.AuditID]
		if !known {
			findings = append(findings, found(NothingSeen, event, "the audit log does not say as whose request %s was decided", what))
			continue
		}
		seen.add(request)
		who := actingUser(*record.Record)
		user, ours := users[who]
		if !ours {
			findings = append(findings, found(WrongIdentity, record, "the audit log says that %s was decided as a request of %q", what, who))
		} else if difference := groupsDiffer(user, actingGroups(*record.Record)); difference != "" {
			findings = append(findings, found(WrongIdentity, record, "the audit log says of %s of %s: %s", what, who, difference))
		}
	}
	if unseen := seen.missing(); unseen != "" {
		findings = append(findings, missing(NothingSeen, "after the login the audit log has no %s, so nothing is shown of such requests", unseen)...)
	}
	return findings
}

// prefixedNameDecides: where the API server puts something before user names, what
// was allowed to the name that the token says stayed forbidden to the user, and what
// was allowed to the name with its prefix was not.
func prefixedNameDecides(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	if line.Header.UsernamePrefix == "" {
		return missing(NothingSeen, "the API server was to put nothing before user names")
	}
	bare, wasBare := session.Acted(timeline.BareNameAllowed)
	known, wasKnown := session.Acted(timeline.KnownNameAllowed)
	if !wasBare || !wasKnown || known.At.Before(bare.At) {
		return missing(NothingSeen, "the name of the token and the name with its prefix were not allowed something, one after the other")
	}
	whileBare := session.Since(bare.At).Until(known.At).Of(timeline.Suite, timeline.Attempted)
	whenKnown := session.Since(known.At).Of(timeline.Suite, timeline.Attempted)
	if len(whileBare) == 0 || len(whenKnown) == 0 {
		return missing(NothingSeen, "the user did not try what was allowed, %d times under the one name and %d times under the other", len(whileBare), len(whenKnown))
	}
	var findings []Finding
	for _, attempt := range whileBare {
		if attempt.Count != http.StatusForbidden {
			findings = append(findings, found(WrongIdentity, attempt, "what the bare name was allowed was answered %d, and not 403: there is no prefix", attempt.Count))
		}
	}
	for _, attempt := range whenKnown {
		if attempt.Count != http.StatusOK {
			findings = append(findings, found(Forbidden, attempt, "what the name with the prefix was allowed was answered %d", attempt.Count))
		}
	}
	return findings
}
