package judge_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// overEarlierSession is a login in a browser that has the expired session of an
// earlier installation.
func overEarlierSession(mode string) timeline.Timeline {
	w := entrance(mode)
	w.token = &redact.Token{Hash: "earlier", Issuer: "https://earlier", Username: user, ExpiresAt: noon.Add(-time.Hour)}
	w.request("GET", "/healthz", http.StatusUnauthorized)
	w.token = nil
	w.logIn()
	w.step(time.Second)
	w.request("GET", "/healthz", http.StatusOK)
	return w.told()
}

// atSecondTry is a login after a wrong password.
func atSecondTry(mode string) timeline.Timeline {
	w := entrance(mode)
	w.add(storedByKeycloak(timeline.LoginError, "headlamp"))
	w.line.Events[0].Identity.Error = "invalid_user_credentials"
	w.step(time.Second)
	w.logIn()
	w.step(time.Second)
	w.request("GET", "/api/v1/events", http.StatusOK)
	return w.told()
}

// acrossRestart is a login of which the dashboard knew nothing any more, and the
// second try.
func acrossRestart(mode string) timeline.Timeline {
	w := entrance(mode)
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.RestartedInLogin})
	w.step(time.Second)
	w.suite(timeline.Event{Kind: timeline.Told, Text: "invalid request"})
	w.step(time.Second)
	w.logIn()
	w.step(time.Second)
	w.request("GET", "/api/v1/events", http.StatusOK)
	return w.told()
}

const bookmark = home + "/namespaces/kube-system"

// fromBookmark is a login on the way to a page, which was asked for the cluster's
// health in vain meanwhile and says so for a moment after the login.
func fromBookmark(mode string) timeline.Timeline {
	w := entrance(mode)
	w.suite(timeline.Event{Kind: timeline.Opened, Tab: tab, Text: bookmark})
	w.page(tab, timeline.Routed, bookmark)
	w.step(time.Second)
	w.request("GET", "/healthz", http.StatusUnauthorized)
	w.logIn()
	w.step(time.Second)
	w.page(tab, timeline.Routed, bookmark)
	w.page(tab, timeline.AlertShown, "Lost connection to the cluster.")
	w.step(time.Second)
	w.request("GET", "/healthz", http.StatusOK)
	w.step(3 * time.Second)
	w.page(tab, timeline.AlertHidden, "Lost connection to the cluster.")
	for range 3 {
		w.step(5 * time.Second)
		w.request("GET", "/healthz", http.StatusOK)
	}
	return w.told()
}

func earlierSession(e timeline.Event) bool {
	return e.Request != nil && e.Request.CookieToken != nil && e.Request.CookieToken.Issuer == "https://earlier"
}

// afterLogin adds an event after the login.
func afterLogin(by time.Duration, event timeline.Event) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		login, _ := line.First(timeline.Suite, timeline.LoggedIn)
		line.Events = append(line.Events, at(event, login.At.Add(by)))
	}
}

func healthAnswered(status int) func(timeline.Event) bool {
	return func(e timeline.Event) bool {
		return e.Witness == timeline.Front && e.Request != nil && e.Request.Status == status && strings.HasSuffix(e.Request.URL, "/healthz")
	}
}

func noLogin(rule string) broken {
	return broken{rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "loaded after a login", change: without(is(timeline.Suite, timeline.LoggedIn))}
}

func alertOf(level string) timeline.Event {
	return timeline.Event{Witness: timeline.Page, Kind: timeline.AlertShown, Tab: tab, Text: "Lost connection to the cluster.", Level: level}
}

// entranceFlows are the logins that are no plain ones, and lead in.
func entranceFlows() []flow {
	bookmarked := noLogin("returned-to-deep-link")
	bookmarked.also = []string{"banner-cleared"}
	banner := noLogin("banner-cleared")
	banner.also = []string{"returned-to-deep-link"}
	return []flow{
		{
			rules: []string{"entered-over-earlier-session"}, line: overEarlierSession,
			broken: []broken{
				noLogin("entered-over-earlier-session"),
				{
					rule: "entered-over-earlier-session", how: "when the browser brought no earlier session", symptom: judge.NothingSeen, says: "before the login the front saw no request",
					change: without(earlierSession),
				},
				{
					rule: "entered-over-earlier-session", how: "by a request with the earlier session", symptom: judge.WrongCredential, says: "came with the session of an earlier installation",
					change: func(line *timeline.Timeline) {
						earlier := line.Select(func(e timeline.Event) bool { return e.Witness == timeline.Front && earlierSession(e) })[0]
						again := *earlier.Request
						again.Began = time.Time{}
						earlier.Request = &again
						afterLogin(time.Second, earlier)(line)
					},
				},
				{
					rule: "entered-over-earlier-session", how: "by the login page", symptom: judge.LeftThePage, says: "asked for another login",
					change: afterLogin(time.Second, routed(tab, "/c/main/login")),
				},
				{
					rule: "entered-over-earlier-session", how: "when nothing was asked afterwards", symptom: judge.NothingSeen, says: "after the login",
					change: without(healthAnswered(http.StatusOK)),
				},
			},
		},
		{
			rules: []string{"entered-at-second-try"}, line: atSecondTry,
			broken: []broken{
				noLogin("entered-at-second-try"),
				{
					rule: "entered-at-second-try", how: "without a wrong password", symptom: judge.NothingSeen, says: "no wrong password",
					change: without(is(timeline.Keycloak, timeline.LoginError)),
				},
				{
					rule: "entered-at-second-try", how: "when Keycloak knows of no login", symptom: judge.NotLoggedIn, says: "stored no login",
					change: without(func(e timeline.Event) bool { return e.Kind == timeline.Login && e.Identity.Client == "headlamp" }),
				},
				{
					rule: "entered-at-second-try", how: "when nothing was served", symptom: judge.NotServed, says: "no request of the user succeed",
					change: without(is(timeline.Tap, timeline.Responded)),
				},
			},
		},
		{
			rules: []string{"entered-across-restart"}, line: acrossRestart,
			broken: []broken{
				noLogin("entered-across-restart"),
				{
					rule: "entered-across-restart", how: "without a restart", symptom: judge.NothingSeen, says: "not restarted",
					change: without(is(timeline.Suite, timeline.Acted)),
				},
				{
					rule: "entered-across-restart", how: "by a white window", symptom: judge.NotTold, says: `says nothing: ""`,
					change: among(is(timeline.Suite, timeline.Told), text("")),
				},
				{
					rule: "entered-across-restart", how: "by a stack trace", symptom: judge.TraceShown, says: "inside of the program",
					change: among(is(timeline.Suite, timeline.Told), func(e *timeline.Event) { e.Level = timeline.ShowsTrace }),
				},
				{
					rule: "entered-across-restart", how: "when nothing was served", symptom: judge.NotServed, says: "no request of the user succeed",
					change: without(is(timeline.Tap, timeline.Responded)),
				},
			},
		},
		{
			rules: []string{"returned-to-deep-link", "banner-cleared"}, line: fromBookmark,
			broken: []broken{
				bookmarked,
				{
					rule: "returned-to-deep-link", how: "by the overview", symptom: judge.LeftThePage, says: "the page is at /c/main/",
					change: afterLogin(10*time.Second, routed(tab, home+"/")),
				},
				{
					rule: "returned-to-deep-link", how: "when nothing was opened", symptom: judge.NothingSeen, says: "no page of the cluster was opened",
					change: without(is(timeline.Suite, timeline.Opened)),
				},
				{
					rule: "returned-to-deep-link", how: "when no login was asked for", symptom: judge.NothingSeen, says: "did not ask for a login",
					change: without(func(e timeline.Event) bool { return e.Kind == timeline.Routed && e.Text == home+"/login" }),
				},
				{
					rule: "returned-to-deep-link", how: "when nothing was served", symptom: judge.NotServed, says: "no request of the user succeed",
					change: without(is(timeline.Tap, timeline.Responded)),
				},
				banner,
				{
					rule: "banner-cleared", how: "when it stays", symptom: judge.LostConnection, says: "went on saying",
					change: among(func(e timeline.Event) bool {
						return e.Kind == timeline.AlertHidden && e.At.After(noon.Add(5*time.Second))
					},
						func(e *timeline.Event) { e.Text = "Another alert." }),
				},
				{
					rule: "banner-cleared", how: "when it goes late", symptom: judge.LostConnection, says: "after that was to be gone",
					change: among(func(e timeline.Event) bool {
						return e.Kind == timeline.AlertHidden && e.At.After(noon.Add(5*time.Second))
					}, later(8*time.Second)),
				},
				{
					rule: "banner-cleared", how: "when it comes back", symptom: judge.LostConnection, says: "although the cluster was healthy",
					change: afterLogin(14*time.Second, alertOf("")),
				},
				{
					rule: "banner-cleared", how: "when the page asked for no health", symptom: judge.NothingSeen, says: "not told twice",
					change: without(healthAnswered(http.StatusOK)),
				},
				{
					rule: "banner-cleared", how: "when the page told nothing", symptom: judge.NothingSeen, says: "told no route",
					change: without(func(e timeline.Event) bool { return e.Kind == timeline.Routed && e.Tab == tab }),
					also:   []string{"returned-to-deep-link"},
				},
			},
		},
	}
}
