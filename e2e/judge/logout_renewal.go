package judge

import "github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"

// logoutOutlastsRenewals: a person logged out in the midst of requests that renewed
// the session. When all of them had been answered, the browser kept no cookie of a
// session, nothing was served with one, and the page that was opened anew asked for a
// login.
func logoutOutlastsRenewals(line timeline.Timeline, _ Rule) []Finding {
	out, loggedOut := logout(line)
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	answered, settled := line.Since(out.At).Acted(timeline.BurstAnswered)
	if !loggedIn || !loggedOut || !settled {
		return missing(NothingSeen, "nobody logged in, and out amid requests that were answered")
	}
	after := line.Since(answered.At)
	opened, again := after.First(timeline.Suite, timeline.Reloaded)
	routes := routesOf(after.Until(opened.At), login.Tab)
	switch {
	case len(keptSessions(line.Until(out.At))) == 0:
		return missing(NothingSeen, "before the logout the browser kept no session cookie, so none could have stayed")
	case len(dueBeside(line, out, answered)) == 0:
		return missing(NothingSeen, "no request beside the logout came with a token that had to be renewed")
	case len(renewalsBeside(line, out, answered)) == 0:
		return missing(NothingSeen, "nobody tried to renew the session while its user logged out, so nothing could have undone the logout")
	case !again || len(routes) == 0:
		return missing(NothingSeen, "after the logout nobody opened the page anew, or it told no route")
	case looksAtCookies(line.Since(opened.At)) == 0:
		return missing(NothingSeen, "when the page had been opened anew, nobody looked at the browser's cookies")
	}
	findings := cookiesThatStay(after)
	for _, event := range after.Of(timeline.Front, timeline.Responded) {
		if toCluster(line, event) && ServedWithToken(event) && began(event).After(answered.At) {
			findings = append(findings, found(StillIn, event, "%.1f s after the logout and all requests beside it had been answered, %s %s was served with the session's cookie",
				began(event).Sub(answered.At).Seconds(), event.Request.Method, path(event.Request.URL)))
		}
	}
	if last := routes[len(routes)-1]; !AsksForLogin(line.Header, last) {
		findings = append(findings, found(StillIn, last, "opened anew after the logout, the page was at %s, and not at the login", last.Text))
	}
	return findings
}

// dueBeside are the requests between two moments that came with a token that had to be
// renewed.
func dueBeside(line timeline.Timeline, from, until timeline.Event) []timeline.Event {
	return line.Since(from.At).Until(until.At).Select(func(e timeline.Event) bool {
		if e.Witness != timeline.Front || !toCluster(line, e) || e.Request.SessionToken() == nil || began(e).Before(from.At) {
			return false
		}
		return !began(e).Before(e.Request.SessionToken().ExpiresAt.Add(-renewedBefore))
	})
}

// renewalsBeside are the attempts of the dashboard to renew the session between two
// moments, as Keycloak stored them. One that it refused was there in time, too.
func renewalsBeside(line timeline.Timeline, from, until timeline.Event) []timeline.Event {
	return line.Select(func(e timeline.Event) bool {
		return (atKeycloak(line, e, timeline.Refresh) || refusedByKeycloak(line, e, timeline.RefreshError)) &&
			!e.At.Before(from.At.Add(-clockTolerance)) && !e.At.After(until.At)
	})
}
