package judge

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	// WatchedFor is how long a page is watched after a login in vain: several
	// times what a page needs that logs in again by itself.
	WatchedFor = 20 * time.Second
	// readable is how many letters a text has at least that tells a person
	// something.
	readable = 8
	// mostVisits is how often a page may go to the login page after one login in
	// vain. Once is due; a page may come back from another route or two, each of
	// which finds out by itself that it has no session.
	mostVisits = 5
	// mostCalls is how often the dashboard may ask Keycloak for tokens meanwhile:
	// for the code once, and for a new token when that ends, of which some requests
	// may each have one.
	mostCalls = 8
)

// refusalsTold: Keycloak refused the dashboard twice, for a scope and for a role.
// Each time the login's window said so in words, and the page went on offering to
// sign in.
func refusalsTold(line timeline.Timeline, _ Rule) []Finding {
	var findings []Finding
	taken := line.Select(func(e timeline.Event) bool {
		return e.Kind == timeline.Acted && (e.Text == timeline.ScopeTaken || e.Text == timeline.RoleTaken)
	})
	if len(taken) < 2 {
		return missing(NothingSeen, "of scope and role, %d were taken: nothing was refused for want of the others", len(taken))
	}
	for i, action := range taken {
		part := line.Since(action.At)
		if i+1 < len(taken) {
			part = part.Until(taken[i+1].At)
		}
		findings = append(findings, toldInWords(part, action)...)
		if _, offered := part.First(timeline.Suite, timeline.Offers); !offered {
			findings = append(findings, found(NotLoggedIn, action, "after %s the page was not seen to offer to sign in", action.Text))
		}
		refused := atCallback(part)
		if len(refused) == 0 {
			findings = append(findings, found(NothingSeen, action, "after %s the front saw nobody come back from Keycloak", action.Text))
		}
		for _, event := range refused {
			if slices.ContainsFunc(event.Request.SetCookies, isSession) {
				findings = append(findings, found(ForgedLogin, event, "Keycloak refused the login after %s, and the dashboard set a session's cookie", action.Text))
			}
		}
	}
	return findings
}

// toldInWords says in which way the login's window did not say what was wrong.
func toldInWords(part timeline.Timeline, action timeline.Event) []Finding {
	told := part.Of(timeline.Suite, timeline.Told)
	if len(told) == 0 {
		return []Finding{found(NotTold, action, "after %s the login's window told nothing", action.Text)}
	}
	var findings []Finding
	for _, event := range told {
		findings = append(findings, unreadable(event)...)
	}
	return findings
}

// unreadable says in which way what the login's window showed was nothing for a
// person.
func unreadable(told timeline.Event) []Finding {
	letters := 0
	for _, r := range told.Text {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	var findings []Finding
	if letters < readable {
		findings = append(findings, found(NotTold, told, "the login's window ended on what says nothing: %q", told.Text))
	}
	if told.Level == timeline.ShowsTrace {
		findings = append(findings, found(TraceShown, told, "the login's window showed the inside of the program: %q", told.Text))
	}
	return findings
}

// enteredAcrossRestart: the dashboard was restarted while the user was at
// Keycloak's form, and the user got in: at once, or, after the window had said that
// it could not go on, at the second try.
func enteredAcrossRestart(line timeline.Timeline, _ Rule) []Finding {
	restarted, was := line.First(timeline.Suite, timeline.Acted)
	if !was || restarted.Text != timeline.RestartedInLogin {
		return missing(NothingSeen, "the dashboard was not restarted while the user was at Keycloak's form")
	}
	var findings []Finding
	for _, told := range line.Of(timeline.Suite, timeline.Told) {
		findings = append(findings, unreadable(told)...)
	}
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedIn || login.At.Before(restarted.At) {
		return append(findings, missing(NotLoggedIn, "after the restart no page of the cluster loaded after a login")...)
	}
	if !servedAfter(line, restarted) {
		findings = append(findings, missing(NotServed, "the tap saw no request of the user succeed after the login")...)
	}
	return findings
}

// distrustBounded: a user logged in whom the API server does not know. Nothing of
// the cluster was served, to the user or under another name; the page asked for a
// login; and it did not go round in circles.
func distrustBounded(line timeline.Timeline, _ Rule) []Finding {
	back, came := line.First(timeline.Suite, timeline.Back)
	if !came {
		return missing(NotLoggedIn, "nobody came back from a login that leads nowhere")
	}
	if watched, was := line.First(timeline.Suite, timeline.Watched); !was || watched.At.Before(back.At.Add(WatchedFor)) {
		return missing(NothingSeen, "the page was not watched for %s after the login", WatchedFor)
	}
	var findings []Finding
	logins := line.Select(func(e timeline.Event) bool { return atKeycloak(line, e, timeline.Login) })
	if len(logins) == 0 {
		return missing(NotLoggedIn, "Keycloak stored no login of the client %q", line.Header.Client)
	}
	for _, again := range logins[1:] {
		findings = append(findings, found(LoggedInAgain, again, "Keycloak stored another login, which cannot lead further than the first"))
	}
	calls := line.Select(func(e timeline.Event) bool {
		return atKeycloak(line, e, timeline.Refresh) || atKeycloak(line, e, timeline.RefreshError) ||
			(atKeycloak(line, e, timeline.OtherEvent) && strings.HasPrefix(e.Identity.Type, "CODE_TO_TOKEN"))
	})
	if len(calls) > mostCalls {
		findings = append(findings, found(LoginStorm, calls[mostCalls], "the dashboard asked for tokens %d times for one login in vain", len(calls)))
	}
	return append(findings, aroundDistrust(line, back)...)
}

// aroundDistrust is what page and tap saw after a login in vain.
func aroundDistrust(line timeline.Timeline, back timeline.Event) []Finding {
	var findings []Finding
	refused := 0
	for _, event := range line.Of(timeline.Tap, timeline.Responded) {
		request := event.Request
		switch {
		case request.Bearer != nil && request.Bearer.Issuer == line.Header.Issuer && request.Status == http.StatusUnauthorized:
			refused++
		case request.Status < http.StatusBadRequest && strings.HasPrefix(path(request.URL), "/api"):
			findings = append(findings, found(WrongIdentity, event, "%s %s was served%s, although the API server knows nobody here",
				request.Method, path(request.URL), asWhom(request)))
		}
	}
	if refused == 0 {
		findings = append(findings, missing(NothingSeen, "the tap saw no request with the user's token refused")...)
	}
	routes := routesOf(line, back.Tab)
	var visits []timeline.Event
	for _, routed := range routes {
		// The window closes after the page has gone on: what came of it began with
		// the session's first refused request.
		if AsksForLogin(line.Header, routed) {
			visits = append(visits, routed)
		}
	}
	switch {
	case len(routes) == 0:
		findings = append(findings, missing(NothingSeen, "the page told no route")...)
	case len(visits) > mostVisits:
		findings = append(findings, found(LoginStorm, visits[mostVisits], "the page went to its login %d times", len(visits)))
	case !AsksForLogin(line.Header, routes[len(routes)-1]):
		last := routes[len(routes)-1]
		findings = append(findings, found(LeftThePage, last, "the API server does not know the user, and the page does not ask for a login: it is at %s", last.Text))
	}
	return findings
}

func asWhom(request *timeline.Request) string {
	if request.Bearer == nil {
		return " anonymously"
	}
	return fmt.Sprintf(" to %s of %s", request.Bearer.Subject, request.Bearer.Issuer)
}
