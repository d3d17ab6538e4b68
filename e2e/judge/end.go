package judge

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	// AcceptedAfterExpiry is how long the API server goes on accepting a token
	// that it has checked before (k8s.io/apiserver, token cache of 10 s).
	AcceptedAfterExpiry = 10 * time.Second
	// OfferedWithin is the longest that a page may take to ask for a login when
	// nothing of its session is accepted any more. Headlamp's page asks for the
	// cluster's health every five seconds, and more seldom when that fails.
	OfferedWithin = 30 * time.Second
	// renewedBefore is how long before its expiry a dashboard may take a token
	// for one that has to be renewed.
	renewedBefore = 10 * time.Second

	// A storm of calls is more than stormBurst, which the requests of a page that
	// loads may make without sharing a refresh, and one for each stormPause.
	stormBurst = 20
	stormPause = 2 * time.Second
)

// sessionEnd is the action by which the user's session ended at Keycloak.
func sessionEnd(line timeline.Timeline) (timeline.Event, bool) {
	return line.Acted(timeline.SessionsEnded, timeline.UserDisabled)
}

// RefusedFrom is from when on nothing may succeed of a user whose session was
// ended: the last token from before the end has expired, and the API server
// remembers it no more. It is not known when no session was ended, or no token
// was seen.
func RefusedFrom(line timeline.Timeline) (from time.Time, known bool) {
	end, ended := sessionEnd(line)
	if !ended {
		return time.Time{}, false
	}
	var last time.Time
	for _, token := range line.Tokens() {
		if !token.IssuedAt.After(end.At) && token.ExpiresAt.After(last) {
			last = token.ExpiresAt
		}
	}
	return last.Add(AcceptedAfterExpiry + clockTolerance), !last.IsZero()
}

// refusedAfterEnd: from RefusedFrom on the page went on asking, and nothing of the
// user's was served: not by the API server, in the user's name or the dashboard's
// own, and not by the dashboard from what it remembers.
func refusedAfterEnd(line timeline.Timeline, _ Rule) []Finding {
	end, ended := sessionEnd(line)
	if !ended {
		return missing(NothingSeen, "no session was ended")
	}
	from, known := RefusedFrom(line)
	if !known {
		return missing(NothingSeen, "no token from before the end of the session was seen")
	}
	if len(ServedAtTap(line.Until(end.At))) == 0 {
		return missing(NothingSeen, "nothing of the user succeeded before the session ended, so it says nothing that nothing did later")
	}
	var findings []Finding
	tried := false
	for _, event := range line.Events {
		switch {
		case event.Witness == timeline.Audit && event.Kind == timeline.Audited:
			findings = append(findings, stillAudited(line, event, from)...)
		case event.Kind != timeline.Responded || !began(event).After(from):
		case event.Witness == timeline.Front && toCluster(line, event):
			tried = true
			if event.Request.Status < http.StatusBadRequest && asksForResource(line.Header, event.Request.URL) {
				findings = append(findings, found(StillServed, event, "the dashboard answered %s %s with %d, %.0f s after the last token of the ended session had become worthless",
					event.Request.Method, path(event.Request.URL), event.Request.Status, began(event).Sub(from).Seconds()))
			}
		case event.Witness == timeline.Tap:
			findings = append(findings, stillServed(line, event, from)...)
		}
	}
	if !tried {
		findings = append(findings, missing(NothingSeen, "nothing was asked of the dashboard after the last token of the ended session had become worthless")...)
	}
	return findings
}

// stillServed says whether the API server served a request in the user's name,
// or in that of an account that is not the user's. Anybody may ask anonymously.
func stillServed(line timeline.Timeline, event timeline.Event, from time.Time) []Finding {
	request := event.Request
	who := wireUser(line.Header, *request)
	if request.Status >= http.StatusBadRequest || who == anonymous {
		return nil
	}
	if _, ours := usersOf(line)[who]; !ours {
		who = "another account than the user's"
	}
	return []Finding{found(StillServed, event, "the API server served %s %s as %s, %.0f s after the last token of the ended session had become worthless",
		request.Method, path(request.URL), who, began(event).Sub(from).Seconds())}
}

func stillAudited(line timeline.Timeline, event timeline.Event, from time.Time) []Finding {
	record := event.Record
	_, ours := usersOf(line)[actingUser(*record)]
	if !ours || record.Code == 0 || record.Code >= http.StatusBadRequest || !record.Received.After(from) {
		return nil
	}
	return []Finding{found(StillServed, event, "the audit log has %s %s of %s, let in %.0f s after the last token of the ended session had become worthless",
		record.Verb, record.URI, actingUser(*record), record.Received.Sub(from).Seconds())}
}

// asksForResource says whether a request asks for objects of the cluster rather
// than for its health, its version or what it can do, which are anybody's to know.
func asksForResource(header timeline.Header, url string) bool {
	parts := strings.Split(strings.Trim(clusterPath(header, url), "/"), "/")
	switch parts[0] {
	case "api":
		return len(parts) > 2 // api, version
	case "apis":
		return len(parts) > 3 // apis, group, version
	default:
		return false
	}
}

// loginOffered: when the session was over, the page asked for a login, in time
// and not before, and went on asking.
func loginOffered(line timeline.Timeline, _ Rule) []Finding {
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	if len(routesOf(line.Until(login.At), login.Tab)) == 0 {
		return missing(NothingSeen, "the page told no route before the login, so it would have told of no login page")
	}
	earliest, latest, over := LoginDue(line)
	if !over {
		return missing(NothingSeen, "no session was over: none was ended, and no token was seen that expired")
	}
	offered := SentBack(line)
	if len(offered) > 0 && offered[0].At.Before(earliest) {
		return []Finding{found(LeftThePage, offered[0], "the page asked for a login while the session lived: it went to %s", offered[0].Text)}
	}
	if len(offered) == 0 || offered[0].At.After(latest) {
		if _, awaited := line.Acted(timeline.LoginAwaited); !awaited {
			return missing(NothingSeen, "the page was not given the time to ask for a login")
		}
		shown := ""
		for _, alert := range line.Since(earliest).Of(timeline.Page, timeline.AlertShown) {
			shown = ", and said " + alert.Text
		}
		return missing(LoginNotOffered, "the page asked for no login within %s after its session was over%s", OfferedWithin, shown)
	}
	routes := routesOf(line, login.Tab)
	if last := routes[len(routes)-1]; !AsksForLogin(line.Header, last) {
		return []Finding{found(LoginNotOffered, last, "the page asked for a login, and nobody logged in when it went to %s", last.Text)}
	}
	return nil
}

// LoginDue is between which times the page has to ask for a login: from when the
// session was over, by its end at Keycloak or, when it was not ended, by the expiry
// of its last token.
func LoginDue(line timeline.Timeline) (earliest, latest time.Time, over bool) {
	if end, ended := sessionEnd(line); ended {
		from, known := RefusedFrom(line)
		return end.At, from.Add(OfferedWithin), known
	}
	expiry, known := lastExpiry(line)
	return expiry.Add(-renewedBefore), expiry.Add(AcceptedAfterExpiry + OfferedWithin), known
}

// lastExpiry is when the last of the user's tokens expires.
func lastExpiry(line timeline.Timeline) (expiry time.Time, known bool) {
	tokens := line.Tokens()
	if len(tokens) == 0 {
		return time.Time{}, false
	}
	return slices.MaxFunc(tokens, func(a, b redact.Token) int { return a.ExpiresAt.Compare(b.ExpiresAt) }).ExpiresAt, true
}

// noTokenStorm: from the end of the session on, Keycloak was not asked for tokens
// all the time.
func noTokenStorm(line timeline.Timeline, _ Rule) []Finding {
	end, ended := sessionEnd(line)
	if !ended {
		return missing(NothingSeen, "no session was ended")
	}
	if len(line.Select(func(e timeline.Event) bool { return atKeycloak(line, e, timeline.Login) })) == 0 {
		return missing(NothingSeen, "Keycloak stored no login, so it would have stored no call for tokens")
	}
	calls := line.Since(end.At).Select(func(e timeline.Event) bool {
		return atKeycloak(line, e, timeline.Refresh) || refusedByKeycloak(line, e, timeline.RefreshError)
	})
	seconds := line.Events[len(line.Events)-1].At.Sub(end.At)
	if allowed := stormBurst + int(seconds/stormPause); len(calls) > allowed {
		return []Finding{found(TokenStorm, calls[allowed], "Keycloak was asked for tokens %d times within %.0f s after the session had ended; %d times would do",
			len(calls), seconds.Seconds(), allowed)}
	}
	return nil
}

// revokedAtOnce: after the end of the session Keycloak refused the next refresh;
// from then on nothing was forwarded as the user, and an answer 401 took the
// session's cookie away.
func revokedAtOnce(line timeline.Timeline, _ Rule) []Finding {
	end, ended := sessionEnd(line)
	if !ended {
		return missing(NothingSeen, "no session was ended")
	}
	if len(ServedAtTap(line.Until(end.At))) == 0 {
		return missing(NothingSeen, "nothing of the user succeeded before the session ended, so it says nothing that nothing did later")
	}
	refusals := line.Since(end.At).Select(func(e timeline.Event) bool { return refusedByKeycloak(line, e, timeline.RefreshError) })
	if len(refusals) == 0 {
		return missing(NotRefreshed, "after the session had ended, no refresh was tried that Keycloak could have refused")
	}
	refused := refusals[0]
	users := usersOf(line)
	var findings []Finding
	cleared, tried := false, false
	for _, event := range line.Since(refused.At.Add(-clockTolerance)).Events {
		if event.Kind != timeline.Responded && event.Kind != timeline.Failed {
			continue
		}
		later := began(event).After(refused.At.Add(clockTolerance))
		switch event.Witness {
		case timeline.Front:
			tried = tried || (later && toCluster(line, event))
			cleared = cleared || (event.Request.Status == http.StatusUnauthorized && slices.ContainsFunc(event.Request.SetCookies, takesSessionAway))
		case timeline.Impersonator, timeline.Tap:
			if _, ours := users[wireUser(line.Header, *event.Request)]; ours && later {
				findings = append(findings, found(StillForwarded, event, "%s: %s %s went out as %s, %.1f s after Keycloak had refused to refresh the session",
					event.Witness, event.Request.Method, path(event.Request.URL), wireUser(line.Header, *event.Request), began(event).Sub(refused.At).Seconds()))
			}
		}
	}
	if !cleared {
		findings = append(findings, missing(SessionKept, "no request was answered 401 with the session's cookie taken away, after Keycloak had refused to refresh the session")...)
	}
	if !tried {
		findings = append(findings, missing(NothingSeen, "nothing was asked of the dashboard after Keycloak had refused to refresh the session")...)
	}
	return findings
}

// takesSessionAway says whether a cookie, as it was set, removes the session's.
func takesSessionAway(cookie timeline.Cookie) bool {
	return cookie.Deleted && slices.ContainsFunc(sessionCookies, func(beginning string) bool { return strings.HasPrefix(cookie.Name, beginning) })
}
