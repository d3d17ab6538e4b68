package judge

import (
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// cookieJar is where the browser's cookies are searched, as it names it.
const cookieJar = "the browser's cookies"

// logout is when a person began to log out.
func logout(line timeline.Timeline) (timeline.Event, bool) { return line.Acted(timeline.LoggedOut) }

// WorthlessFrom is when everything that a session held before the logout must
// be worth nothing: its last token has expired, and the API server has forgotten
// it. There is no such time without a logout or without a token.
func WorthlessFrom(line timeline.Timeline) (time.Time, bool) {
	out, loggedOut := logout(line)
	if !loggedOut {
		return time.Time{}, false
	}
	var last time.Time
	for _, token := range line.Until(out.At).Tokens() {
		if token.ExpiresAt.After(last) {
			last = token.ExpiresAt
		}
	}
	return last.Add(AcceptedAfterExpiry), !last.IsZero()
}

// sessionCookieGone: after the logout the browser keeps no cookie of a session, nor
// the token where a page keeps that itself.
func sessionCookieGone(line timeline.Timeline, _ Rule) []Finding {
	out, loggedOut := logout(line)
	if !loggedOut {
		return missing(NothingSeen, "nobody logged out")
	}
	switch {
	case looksAtCookies(line.Since(out.At)) == 0:
		return missing(NothingSeen, "after the logout nobody looked at the browser's cookies")
	case len(keptSessions(line.Until(out.At))) == 0:
		return missing(NothingSeen, "before the logout the browser kept no session cookie, so none could have gone")
	}
	return cookiesThatStay(line.Since(out.At))
}

// looksAtCookies is how often somebody looked at the browser's cookies.
func looksAtCookies(part timeline.Timeline) int {
	return len(part.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Page && e.Kind == timeline.Searched && e.Text == cookieJar
	}))
}

// keptSessions are the session cookies, and the tokens that the page has itself, which
// were found at such looks.
func keptSessions(part timeline.Timeline) []timeline.Event {
	return part.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Page && ((e.Kind == timeline.CookieKept && isSession(*e.Cookie)) || keptByPage(e))
	})
}

// cookiesThatStay finds them in the part of a timeline that is after a logout.
func cookiesThatStay(after timeline.Timeline) []Finding {
	var findings []Finding
	for _, event := range keptSessions(after) {
		if keptByPage(event) {
			findings = append(findings, found(CookieStays, event, "after the logout the browser still keeps the token %s in %s", event.Token.Hash, event.Text))
			continue
		}
		findings = append(findings, found(CookieStays, event, "after the logout the browser still keeps the session cookie %s", event.Cookie.Name))
	}
	return findings
}

// loginAfterLogout: after the logout, after Back and after a reload, the page asked
// for a login, and from the logout on nothing of the cluster was shown again.
func loginAfterLogout(line timeline.Timeline, _ Rule) []Finding {
	out, loggedOut := logout(line)
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedOut || !loggedIn {
		return missing(NothingSeen, "nobody logged in and out")
	}
	back, wentBack := line.Since(out.At).Acted(timeline.WentBack)
	reloaded, reloads := line.Since(back.At).First(timeline.Suite, timeline.Reloaded)
	if !wentBack || !reloads {
		return missing(NothingSeen, "after the logout nobody went back and reloaded the page")
	}
	for _, moment := range []struct {
		what string
		at   timeline.Event
	}{{"Back", back}, {"the reload", reloaded}} {
		routes := routesOf(line.Since(out.At).Until(moment.at.At), login.Tab)
		if len(routes) == 0 {
			return missing(NothingSeen, "the page told no route between the logout and %s", moment.what)
		}
		if last := routes[len(routes)-1]; !AsksForLogin(line.Header, last) {
			return []Finding{found(StillIn, last, "after %s the page was at %s, and not at the login", moment.what, last.Text)}
		}
	}
	return nil
}

// copyRefused: from the moment on at which everything that the session held has
// to be worthless, copied cookies were tried, and no request of the user reached
// the API server and succeeded.
func copyRefused(line timeline.Timeline, _ Rule) []Finding {
	out, loggedOut := logout(line)
	worthless, known := WorthlessFrom(line)
	if !loggedOut || !known {
		return missing(NothingSeen, "nobody who had a token logged out")
	}
	held := map[string]bool{}
	for _, token := range line.Until(out.At).Tokens() {
		held[token.Hash] = true
	}
	tried := false
	for _, event := range line.Of(timeline.Front, timeline.Responded) {
		tried = tried || (toCluster(line, event) && began(event).After(worthless))
	}
	if !tried {
		return missing(NothingSeen, "no request was tried after the logout, once the session's last token had expired and been forgotten")
	}
	var findings []Finding
	for _, event := range ServedAtTap(line) {
		if began(event).After(worthless) {
			findings = append(findings, found(LingeringAccess, event, "%s %s of the user succeeded %.0f s after everything that the session held should have been worthless%s",
				event.Request.Method, path(event.Request.URL), event.At.Sub(worthless).Seconds(), renewed(event.Request.Bearer, held)))
		}
	}
	return findings
}

// renewed says that a request carried a token that did not exist at the logout.
func renewed(bearer *redact.Token, held map[string]bool) string {
	if bearer == nil || held[bearer.Hash] {
		return ""
	}
	return ", with a token that was made after the logout"
}

// passwordAsked: after the logout Keycloak had no session of the user left, and
// asked for the password at the next Sign In.
func passwordAsked(line timeline.Timeline, _ Rule) []Finding {
	out, loggedOut := logout(line)
	if !loggedOut {
		return missing(NothingSeen, "nobody logged out")
	}
	after := line.Since(out.At)
	counted := after.Of(timeline.Keycloak, timeline.SessionsLeft)
	_, asked := after.Acted(timeline.PasswordAsked)
	unasked, letIn := after.Acted(timeline.LetInUnasked)
	if len(counted) == 0 || (!asked && !letIn) {
		return missing(NothingSeen, "after the logout nobody counted the sessions at Keycloak and clicked Sign In")
	}
	var findings []Finding
	if counted[0].Count > 0 {
		findings = append(findings, found(SessionLeft, counted[0], "after the logout Keycloak still has %d sessions of the user", counted[0].Count))
	}
	if letIn {
		findings = append(findings, found(PasswordNotAsked, unasked, "after the logout Sign In led in again without a password"))
	}
	return findings
}

// otherTabFollows: after the logout in one tab, the other one asked for a login too.
func otherTabFollows(line timeline.Timeline, _ Rule) []Finding {
	out, loggedOut := logout(line)
	opened, another := line.Until(out.At).Acted(timeline.TabOpened)
	if !loggedOut || !another {
		return missing(NothingSeen, "nobody logged out while another tab was open")
	}
	if len(routesOf(line.Until(out.At), opened.Tab)) == 0 {
		return missing(NothingSeen, "the other tab told no route before the logout, so it would have told of no login page")
	}
	if len(AskedInOtherTab(line)) > 0 {
		return nil
	}
	if _, awaited := line.Since(out.At).Acted(timeline.LoginAwaited); !awaited {
		return missing(NothingSeen, "the other tab was not given the time to ask for a login")
	}
	return missing(LoginNotOffered, "within %s of the logout the other tab asked for no login", OfferedWithin)
}

// AskedInOtherTab are the routes by which another tab asked for a login after the
// logout.
func AskedInOtherTab(line timeline.Timeline) []timeline.Event {
	out, loggedOut := logout(line)
	opened, another := line.Acted(timeline.TabOpened)
	if !loggedOut || !another {
		return nil
	}
	return slices.DeleteFunc(routesOf(line.Since(out.At), opened.Tab), func(routed timeline.Event) bool {
		return !AsksForLogin(line.Header, routed)
	})
}
