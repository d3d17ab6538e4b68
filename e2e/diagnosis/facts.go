package diagnosis

import (
	"bufio"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// freshness is how young a token is that no clock skew, cache or late refresh
// explains a refusal of.
const freshness = 10 * time.Second

// issuing is the longest that passes between a token's time of issue, in whole
// seconds, and Keycloak's event of it.
const issuing = 2 * time.Second

// facts are what the rules look at.
type facts struct {
	line timeline.Timeline
	// log and apiServerLog are lines: of the dashboard, and of the API server about
	// the realm.
	log, apiServerLog []string
	// stored are Keycloak's events of the dashboard's client.
	stored []timeline.Event
	// gate are the requests at the first hop that checks a token, with their
	// answers: the impersonator, or the tap before the API server.
	gate []timeline.Event
	// front are the browser's requests, with their answers.
	front []timeline.Event
	// loggedIn is when the code was exchanged for tokens, or zero.
	loggedIn time.Time
}

func factsOf(seen Seen) facts {
	line := seen.Line
	known := facts{line: line, log: lines(seen.Log), apiServerLog: lines(seen.APIServerLog)}
	answered := func(witness timeline.Witness) []timeline.Event {
		return line.Select(func(e timeline.Event) bool {
			return e.Witness == witness && e.Kind == timeline.Responded && e.Request != nil
		})
	}
	known.stored = line.Select(func(e timeline.Event) bool {
		return e.Witness == timeline.Keycloak && e.Identity != nil && (e.Identity.Client == line.Header.Client || e.Identity.Error != "")
	})
	if known.gate = answered(timeline.Impersonator); len(known.gate) == 0 {
		known.gate = answered(timeline.Tap)
	}
	known.front = answered(timeline.Front)
	if exchanged, found := known.last(codeExchanged); found {
		known.loggedIn = exchanged.At
	}
	return known
}

func lines(log string) []string {
	var lines []string
	scanner := bufio.NewScanner(strings.NewReader(log))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	return lines
}

// codeExchanged says whether an event is Keycloak's of a code that became tokens.
func codeExchanged(e timeline.Event) bool { return e.Identity.Type == "CODE_TO_TOKEN" }

func (f facts) first(fits func(timeline.Event) bool) (timeline.Event, bool) {
	if i := slices.IndexFunc(f.stored, fits); i >= 0 {
		return f.stored[i], true
	}
	return timeline.Event{}, false
}

func (f facts) last(fits func(timeline.Event) bool) (timeline.Event, bool) {
	for _, event := range slices.Backward(f.stored) {
		if fits(event) {
			return event, true
		}
	}
	return timeline.Event{}, false
}

// stores returns as evidence that Keycloak stored an error of one of these types,
// whose name or reason contains one of the texts.
func (f facts) stores(types []string, texts ...string) []string {
	event, found := f.first(func(e timeline.Event) bool {
		if !slices.Contains(types, e.Identity.Type) {
			return false
		}
		said := e.Identity.Error + " " + e.Identity.Details["reason"]
		return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(said, text) })
	})
	if !found {
		return nil
	}
	return []string{at(event.At, "Keycloak stored %s", stored(event.Identity))}
}

func stored(identity *timeline.Identity) string {
	said := identity.Type + " " + identity.Error
	if reason := identity.Details["reason"]; reason != "" {
		said += " (" + reason + ")"
	}
	return said
}

// logged returns as evidence the first line of the dashboard's log that has one
// of the texts in it.
func (f facts) logged(texts ...string) []string { return said("the dashboard", f.log, texts) }

func said(who string, log, texts []string) []string {
	for _, line := range log {
		if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(line, text) }) {
			return []string{who + " logged: " + excerpt(line)}
		}
	}
	return nil
}

// excerpt is as much of a line of a log as fits into a report.
func excerpt(line string) string {
	const longest = 300
	if len(line) <= longest {
		return line
	}
	return strings.ToValidUTF8(line[:longest], "") + " …"
}

// answeredAt returns the first answer of the front to a path's beginning that has
// at least this status.
func (f facts) answeredAt(path string, status int) (timeline.Event, bool) {
	for _, event := range f.front {
		if strings.HasPrefix(event.Request.URL, f.line.Header.BaseURL+path) && event.Request.Status >= status {
			return event, true
		}
	}
	return timeline.Event{}, false
}

// refusedYoung returns the first refusal of a token that had been issued only just
// before and that nothing had accepted.
func (f facts) refusedYoung() (timeline.Event, bool) {
	accepted := map[string]bool{}
	for _, event := range f.gate {
		token := event.Request.Bearer
		switch {
		case token == nil || token.IssuedAt.IsZero():
		case event.Request.Status != http.StatusUnauthorized:
			accepted[token.Hash] = true
		case !accepted[token.Hash] && event.At.Sub(token.IssuedAt) <= freshness:
			return event, true
		}
	}
	return timeline.Event{}, false
}

// refusedOld returns the first refusal of a token that had expired, and that came of
// a login here: one that was brought along never had a session to be refreshed.
func (f facts) refusedOld() (timeline.Event, bool) {
	return f.refusedOldBy(f.gate, time.Time{}, func(r *timeline.Request) *redact.Token { return r.Bearer })
}

// refusedOldBy is refusedOld by what answered these requests, from a time on.
func (f facts) refusedOldBy(requests []timeline.Event, from time.Time, tokenOf func(*timeline.Request) *redact.Token) (timeline.Event, bool) {
	exchanged, found := f.first(codeExchanged)
	if !found {
		return timeline.Event{}, false
	}
	for _, event := range requests {
		token := tokenOf(event.Request)
		if token != nil && !event.At.Before(from) && event.Request.Status == http.StatusUnauthorized && !token.IssuedAt.Before(exchanged.At.Add(-issuing)) && !token.ExpiresAt.IsZero() && event.At.After(token.ExpiresAt.Add(-time.Second)) {
			return event, true
		}
	}
	return timeline.Event{}, false
}

// ranOut returns what shows that after a time the browser came with an expired token
// and was answered 401, by whomever, and that nobody asked Keycloak for another.
func (f facts) ranOut(from time.Time) []string {
	refused, found := f.refusedOldBy(f.front, from, func(r *timeline.Request) *redact.Token { return r.SessionToken() })
	if !found {
		return nil
	}
	token := refused.Request.SessionToken()
	since := token.IssuedAt.Add(issuing)
	if since.Before(from) {
		since = from
	}
	if f.ended() {
		return nil
	}
	return f.notRenewed(refused.At, token, since, since.UTC().Format("15:04:05.000"))
}

// notRenewed returns what shows that an expired token was refused and that Keycloak was
// not asked for another since a time, which words name.
func (f facts) notRenewed(refused time.Time, token *redact.Token, since time.Time, words string) []string {
	if f.triedToRefresh(since) {
		return nil
	}
	return []string{
		at(refused, "the expired token %s was answered 401", token.Hash),
		"from " + words + " on, Keycloak was asked for no other",
	}
}

// ended says whether the suite ended the user's session on purpose, or did what
// makes a refusal right.
func (f facts) ended() bool {
	_, ended := f.line.Acted(timeline.SessionsEnded, timeline.UserDisabled, timeline.SSOSessionEnded)
	return ended
}

// triedToRefresh says whether Keycloak was asked for a refresh after a time.
func (f facts) triedToRefresh(after time.Time) bool {
	_, tried := f.first(func(e timeline.Event) bool {
		return (e.Kind == timeline.Refresh || e.Kind == timeline.RefreshError) && e.At.After(after)
	})
	return tried
}

// refreshes says whether Keycloak refreshed any session.
func (f facts) refreshes() bool {
	_, refreshes := f.first(func(e timeline.Event) bool { return e.Kind == timeline.Refresh })
	return refreshes
}

// refreshedBefore says whether Keycloak had refreshed the session by a time.
func (f facts) refreshedBefore(by time.Time) bool {
	_, refreshed := f.first(func(e timeline.Event) bool { return e.Kind == timeline.Refresh && e.At.Before(by) })
	return refreshed
}
