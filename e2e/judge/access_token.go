package judge

import (
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// accessTokenType is what Keycloak calls an access token, in its claim typ; an ID
// token is called ID.
const accessTokenType = "Bearer"

// accessTokenThroughout: every token of the user's that the API server was sent,
// after the login and to the end of the hold, was an access token.
func accessTokenThroughout(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	var findings []Finding
	tokens := 0
	for _, event := range session.Events {
		if event.Witness != timeline.Tap || (event.Kind != timeline.Responded && event.Kind != timeline.Failed) {
			continue
		}
		request := event.Request
		if request.Bearer == nil || request.Bearer.Issuer != line.Header.Issuer {
			continue
		}
		tokens++
		if request.Bearer.Type != accessTokenType {
			findings = append(findings, found(WrongCredential, event, "%s %s carried token %s of the type %q, not an access token (%q)",
				request.Method, path(request.URL), request.Bearer.Hash, request.Bearer.Type, accessTokenType))
		}
	}
	if tokens == 0 {
		return missing(NothingSeen, "the tap saw no token of the user after the login")
	}
	return findings
}
