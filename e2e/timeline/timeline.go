package timeline

import (
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// Version is the version of the saved form.
const Version = 1

// Header says whose timeline it is. Durations are in nanoseconds when saved.
type Header struct {
	Version   int           `json:"version"`
	Scenario  string        `json:"scenario"`
	Dashboard string        `json:"dashboard"`         // name and version of the dashboard
	Mode      string        `json:"mode"`              // the identity mode
	Cluster   string        `json:"cluster"`           // the cluster's name in the dashboard's routes
	BaseURL   string        `json:"baseURL,omitempty"` // path under which the dashboard lives, such as /headlamp, or empty
	Issuer    string        `json:"issuer"`
	Client    string        `json:"client"` // the dashboard's client id at the issuer
	Lifetime  time.Duration `json:"lifetime"`
	Expiries  int           `json:"expiries"` // how many a hold has to cross
	Users     []User        `json:"users,omitempty"`
	// Others are further clusters of the dashboard.
	Others []Cluster `json:"others,omitempty"`
	// UsernamePrefix and GroupsPrefix are what the API server has to put before the
	// names that the tokens of this issuer say.
	UsernamePrefix string `json:"usernamePrefix,omitempty"`
	GroupsPrefix   string `json:"groupsPrefix,omitempty"`
}

// User is a user of the installation, with name and groups as Keycloak has them.
type User struct {
	Name   string   `json:"name"`
	ID     string   `json:"id"`
	Groups []string `json:"groups"`
}

// Timeline is everything that was seen in one spec, ordered by time.
type Timeline struct {
	Header Header
	Events []Event
}

// Select returns the events that fit, in order.
func (t Timeline) Select(fits func(Event) bool) []Event {
	var selected []Event
	for _, event := range t.Events {
		if fits(event) {
			selected = append(selected, event)
		}
	}
	return selected
}

// Of returns the events of one kind that one witness saw.
func (t Timeline) Of(witness Witness, kind Kind) []Event {
	return t.Select(func(e Event) bool { return e.Witness == witness && e.Kind == kind })
}

// First returns the first event of one kind that one witness saw.
func (t Timeline) First(witness Witness, kind Kind) (Event, bool) {
	for _, event := range t.Events {
		if event.Witness == witness && event.Kind == kind {
			return event, true
		}
	}
	return Event{}, false
}

// Acted returns the first of some actions that the suite did to the installation.
func (t Timeline) Acted(actions ...string) (Event, bool) {
	for _, event := range t.Of(Suite, Acted) {
		if slices.Contains(actions, event.Text) {
			return event, true
		}
	}
	return Event{}, false
}

// Since returns the part of the timeline from the given time on.
func (t Timeline) Since(begin time.Time) Timeline {
	part := t
	part.Events = t.Select(func(e Event) bool { return !e.At.Before(begin) })
	return part
}

// Until returns the part of the timeline up to the given time, it included. An
// audit record belongs to it when the request's answer at the tap does: the API
// server writes some of them a moment later, and some requests are under way.
func (t Timeline) Until(end time.Time) Timeline {
	answered := map[string]time.Time{}
	for _, event := range t.Events {
		if event.Witness != Tap || event.Request == nil {
			continue
		}
		if _, known := answered[event.Request.AuditID]; !known {
			answered[event.Request.AuditID] = event.At
		}
	}
	part := t
	part.Events = t.Select(func(e Event) bool {
		at := e.At
		if e.Witness == Audit && e.Record != nil {
			if tapped, known := answered[e.Record.AuditID]; known {
				at = tapped
			}
		}
		return !at.After(end)
	})
	return part
}

// Session returns the part from the moment the page had loaded after the
// login, and whether there was a login at all.
func (t Timeline) Session() (Timeline, bool) {
	login, found := t.First(Suite, LoggedIn)
	if !found {
		return Timeline{Header: t.Header}, false
	}
	return t.Since(login.At), true
}

// Hold returns the part in which a page was held, and whether one was. Of
// several holds, of one page after another or of several at once, it is all
// that happened during any of them.
func (t Timeline) Hold() (Timeline, bool) {
	part := Timeline{Header: t.Header}
	found, open := false, 0
	for _, event := range t.Events {
		began := event.Witness == Suite && event.Kind == HoldBegan
		ended := event.Witness == Suite && event.Kind == HoldEnded
		if began {
			found = true
			open++
		}
		if open > 0 {
			part.Events = append(part.Events, event)
		}
		if ended && open > 0 {
			open--
		}
	}
	return part, found
}

// Tokens returns the user's tokens in the order in which they were first seen:
// at the tap as a bearer token, else at the impersonator, else in the session
// cookie at the front.
func (t Timeline) Tokens() []redact.Token {
	for _, witness := range []Witness{Tap, Impersonator} {
		if tokens := t.tokens(witness, func(r *Request) *redact.Token { return r.Bearer }); len(tokens) > 0 {
			return tokens
		}
	}
	return t.tokens(Front, func(r *Request) *redact.Token { return r.CookieToken })
}

func (t Timeline) tokens(witness Witness, of func(*Request) *redact.Token) []redact.Token {
	var tokens []redact.Token
	seen := map[string]bool{}
	for _, event := range t.Events {
		if event.Witness != witness || event.Request == nil {
			continue
		}
		token := of(event.Request)
		if token == nil || token.ExpiresAt.IsZero() || !t.ours(*token) || seen[token.Hash] {
			continue
		}
		seen[token.Hash] = true
		tokens = append(tokens, *token)
	}
	return tokens
}

// ours says whether a token belongs to a user of this installation rather than
// to the dashboard's own service account.
func (t Timeline) ours(token redact.Token) bool {
	return t.Header.Issuer == "" || token.Issuer == t.Header.Issuer
}

// Usernames returns the names of the installation's users.
func (h Header) Usernames() []string {
	names := make([]string, len(h.Users))
	for i, user := range h.Users {
		names[i] = user.Name
	}
	return names
}

// Known is a user as the API server has to know it, prefixes included.
func (h Header) Known(user User) User {
	user.Name = h.UsernamePrefix + user.Name
	groups := make([]string, len(user.Groups))
	for i, group := range user.Groups {
		groups[i] = h.GroupsPrefix + group
	}
	user.Groups = groups
	return user
}

// KnownUsers are the installation's users as the API server has to know them.
func (h Header) KnownUsers() []User {
	known := make([]User, len(h.Users))
	for i, user := range h.Users {
		known[i] = h.Known(user)
	}
	return known
}

// ClusterPath is the prefix of the dashboard's requests to the cluster.
func (h Header) ClusterPath() string { return h.BaseURL + "/clusters/" + h.Cluster + "/" }

// PagePath is the prefix of the dashboard's pages of the cluster.
func (h Header) PagePath() string { return h.BaseURL + "/c/" + h.Cluster }

// InCluster says whether a path or URL is a request to the cluster.
func (h Header) InCluster(url string) bool { return strings.Contains(url, h.ClusterPath()) }

// Sort orders the events by time; events of one moment keep their order.
func (t *Timeline) Sort() {
	slices.SortStableFunc(t.Events, func(a, b Event) int { return a.At.Compare(b.At) })
}
