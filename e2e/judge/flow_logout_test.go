package judge_test

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// cookieJar is where the browser's cookies are searched.
const cookieJar = "the browser's cookies"

// loggedOut is a session that ends with a logout: the browser keeps no cookie,
// Back and a reload lead to the login, a copy of the cookie is served until its
// token has expired and refused later, and Sign In asks for the password.
func loggedOut(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.use()
	w.page(tab, timeline.Searched, cookieJar)
	w.page("tab-3", timeline.Routed, home+"/")
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.TabOpened, Tab: "tab-3"})
	w.step(time.Second)
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.LoggedOut})
	expired := w.token.ExpiresAt
	w.step(time.Second)
	w.page(tab, timeline.Routed, home+"/login")
	w.page(tab, timeline.Searched, cookieJar)
	w.page("tab-3", timeline.Routed, home+"/login")
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.LoginAwaited})
	w.step(time.Second)
	w.page(tab, timeline.Routed, home+"/")
	w.page(tab, timeline.Routed, home+"/login")
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.WentBack})
	w.step(time.Second)
	w.page(tab, timeline.Routed, home+"/login")
	w.suite(timeline.Event{Kind: timeline.Reloaded, Tab: tab})
	// Somebody who has a copy is served by the API server for a while.
	w.request("GET", "/api/v1/namespaces", http.StatusOK)
	w.now = expired.Add(11 * time.Second)
	w.request("GET", "/api/v1/namespaces", http.StatusUnauthorized)
	w.step(time.Second)
	w.add(timeline.Event{Witness: timeline.Keycloak, Kind: timeline.SessionsLeft})
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.PasswordAsked})
	w.line.Sort()
	return w.line
}

func did(action string) func(timeline.Event) bool {
	return func(e timeline.Event) bool { return e.Kind == timeline.Acted && e.Text == action }
}

// afterLogout adds an event some time after the logout began.
func afterLogout(by time.Duration, event timeline.Event) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		for _, e := range line.Events {
			if did(timeline.LoggedOut)(e) {
				line.Events = append(line.Events, at(event, e.At.Add(by)))
				return
			}
		}
	}
}

func logoutFlow() flow {
	const gone, offered, refused, asked, follows = "session-cookie-gone", "login-after-logout", "copy-refused", "password-asked", "other-tab-follows"
	otherTab := func(e timeline.Event) bool { return e.Kind == timeline.Routed && e.Tab == "tab-3" }
	neverOut := without(did(timeline.LoggedOut))
	lastTry := func(witness timeline.Witness) func(timeline.Event) bool {
		return func(e timeline.Event) bool {
			return e.Witness == witness && e.Request != nil && e.Request.Status == http.StatusUnauthorized
		}
	}
	return flow{
		rules: []string{gone, offered, refused, asked, follows},
		line:  loggedOut,
		broken: []broken{
			{rule: gone, how: "without a logout", symptom: judge.NothingSeen, says: "nobody logged out", change: neverOut, also: []string{offered, refused, asked, follows}},
			{rule: offered, how: "without a logout", symptom: judge.NothingSeen, says: "nobody logged in and out", change: neverOut, also: []string{gone, refused, asked, follows}},
			{rule: refused, how: "without a logout", symptom: judge.NothingSeen, says: "nobody who had a token", change: neverOut, also: []string{gone, offered, asked, follows}},
			{rule: asked, how: "without a logout", symptom: judge.NothingSeen, says: "nobody logged out", change: neverOut, also: []string{gone, offered, refused, follows}},
			{rule: follows, how: "without a logout", symptom: judge.NothingSeen, says: "nobody logged out while another tab", change: neverOut, also: []string{gone, offered, refused, asked}},
			{
				rule: follows, how: "by a tab that stays", symptom: judge.LoginNotOffered, says: "asked for no login",
				change: without(nth(1, otherTab)),
			},
			{
				rule: follows, how: "when nobody waited", symptom: judge.NothingSeen, says: "not given the time",
				change: all(without(nth(1, otherTab)), without(did(timeline.LoginAwaited))),
			},
			{
				rule: follows, how: "when the tab told nothing", symptom: judge.NothingSeen, says: "told no route",
				change: without(otherTab),
			},
			{
				rule: gone, how: "by a cookie that stays", symptom: judge.CookieStays, says: "headlamp-auth-main.0",
				change: afterLogout(time.Second, timeline.Event{
					Witness: timeline.Page, Kind: timeline.CookieKept, Tab: tab, Cookie: &timeline.Cookie{Name: "headlamp-auth-main.0"},
				}),
			},
			{
				rule: gone, how: "when nobody looked", symptom: judge.NothingSeen, says: "looked at the browser's cookies",
				change: without(func(e timeline.Event) bool { return e.Kind == timeline.Searched && e.Text == cookieJar }),
			},
			{
				rule: gone, how: "when there was none before", symptom: judge.NothingSeen, says: "kept no session cookie",
				change: without(is(timeline.Page, timeline.CookieKept)),
			},
			{
				rule: offered, how: "by a page that Back shows again", symptom: judge.StillIn, says: "after Back the page was at /c/main/",
				change: without(nth(2, func(e timeline.Event) bool { return routesOfTheTab(e) && e.Text == home+"/login" })),
			},
			{
				rule: offered, how: "by a page that the reload shows again", symptom: judge.StillIn, says: "after the reload the page was at /c/main/pods",
				change: afterLogout(3*time.Second, routed(tab, "/c/main/pods")),
			},
			{
				rule: offered, how: "when nobody went back", symptom: judge.NothingSeen, says: "went back and reloaded",
				change: without(did(timeline.WentBack)),
			},
			{
				rule: offered, how: "when the page told nothing", symptom: judge.NothingSeen, says: "told no route",
				change: without(routesOfTheTab),
			},
			{
				rule: refused, how: "by a copy that goes on", symptom: judge.LingeringAccess, says: "succeeded",
				change: among(lastTry(timeline.Tap), func(e *timeline.Event) { e.Request.Status = http.StatusOK }),
			},
			{
				rule: refused, how: "by a copy that is renewed", symptom: judge.LingeringAccess, says: "with a token that was made after the logout",
				change: among(lastTry(timeline.Tap), func(e *timeline.Event) {
					e.Request.Status = http.StatusOK
					renewed := *e.Request.Bearer
					renewed.Hash = "another"
					e.Request.Bearer = &renewed
				}),
			},
			{
				rule: refused, how: "when it was not tried late enough", symptom: judge.NothingSeen, says: "no request was tried",
				change: without(lastTry(timeline.Front)),
			},
			{
				rule: asked, how: "by a session that is left", symptom: judge.SessionLeft, says: "still has 1 sessions",
				change: among(is(timeline.Keycloak, timeline.SessionsLeft), func(e *timeline.Event) { e.Count = 1 }),
			},
			{
				rule: asked, how: "by a window that closes itself", symptom: judge.PasswordNotAsked, says: "without a password",
				change: among(did(timeline.PasswordAsked), text(timeline.LetInUnasked)),
			},
			{
				rule: asked, how: "when nobody signed in again", symptom: judge.NothingSeen, says: "clicked Sign In",
				change: without(did(timeline.PasswordAsked)),
			},
		},
	}
}
