package judge

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// What is wrong with a callback: the texts of events of the kind Forged.
const (
	ForgedState   = "a state that the dashboard never gave out"
	NoState       = "no state"
	NoCode        = "no code"
	Replayed      = "a callback that was used before"
	FromElsewhere = "a callback that another browser was given"
)

// forgedCallbacksRefused: a browser that comes back from Keycloak with a forged
// state, without a state or a code, or with a used callback gets no session.
func forgedCallbacksRefused(line timeline.Timeline, _ Rule) []Finding {
	return callbacksRefused(line, ForgedState, NoState, NoCode, Replayed)
}

// foreignCallbackRefused: a browser that comes back from Keycloak with what another
// one was given gets no session: nobody is logged in as somebody else unawares.
func foreignCallbackRefused(line timeline.Timeline, _ Rule) []Finding {
	return callbacksRefused(line, FromElsewhere)
}

// callbacksRefused finds what was wrong with the answers to forged callbacks. An
// honest login by the same means has to have worked, or nothing was refused.
func callbacksRefused(line timeline.Timeline, kinds ...string) []Finding {
	if _, loggedIn := line.First(timeline.Suite, timeline.LoggedIn); !loggedIn {
		return missing(NotLoggedIn, "no honest login worked by the means that the forged ones were made by")
	}
	var findings []Finding
	attempts := line.Of(timeline.Suite, timeline.Forged)
	for _, kind := range kinds {
		if !slices.ContainsFunc(attempts, func(e timeline.Event) bool { return e.Text == kind }) {
			findings = append(findings, missing(NothingSeen, "nobody came back with %s", kind)...)
		}
	}
	for _, attempt := range attempts {
		if slices.Contains(kinds, attempt.Text) {
			findings = append(findings, accepted(line, attempt)...)
		}
	}
	return findings
}

// accepted says in which way a forged callback was not refused.
//
// A refusal is any answer that is no success and sets no session's cookie: with
// which status, and whether in HTML or in plain text, is the dashboard's to
// choose. 500 is a refusal, too, for Headlamp gives it whenever Keycloak refuses a
// code, as long as the answer does not show the inside of the program. So is a
// redirect that brings no session, to the login say.
func accepted(line timeline.Timeline, attempt timeline.Event) []Finding {
	var findings []Finding
	// The front's clock is the suite's; both note a moment after it.
	seen := slices.DeleteFunc(atCallback(line), func(e timeline.Event) bool {
		return began(e).Before(began(attempt).Add(-time.Millisecond)) || began(e).After(attempt.At) || e.Request.Status != attempt.Request.Status
	})
	if len(seen) == 0 {
		return missing(NothingSeen, "the front saw no answer to %s", attempt.Text)
	}
	for _, event := range seen {
		if slices.ContainsFunc(event.Request.SetCookies, isSession) {
			findings = append(findings, found(ForgedLogin, event, "%s was answered with a session's cookie", attempt.Text))
		}
		if event.Request.Status < http.StatusMultipleChoices {
			findings = append(findings, found(ForgedLogin, event, "%s was answered %d, as if all were well", attempt.Text, event.Request.Status))
		}
	}
	if attempt.Count > 0 && attempt.Count < http.StatusMultipleChoices {
		findings = append(findings, found(ForgedLogin, attempt, "after %s the API server knew the browser's user: it answered %d", attempt.Text, attempt.Count))
	}
	if attempt.Level == timeline.ShowsTrace {
		findings = append(findings, found(TraceShown, attempt, "%s was answered with the inside of the program, a stack trace", attempt.Text))
	}
	return findings
}

// atCallback are the answers to what Keycloak sent the browser back with, as the
// front saw.
func atCallback(line timeline.Timeline) []timeline.Event {
	return line.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Front && e.Kind == timeline.Responded && e.Request.Method == http.MethodGet &&
			strings.HasSuffix(path(e.Request.URL), "/oidc-callback")
	})
}
