package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// The looks of what is drawn: names of CSS classes, each with a shape or a row
// of its own, for not everybody tells colours apart.
const (
	fine     = "ok"  // answered as asked, or a plain step
	refused  = "no"  // answered 4xx, or refused
	broken   = "err" // answered 5xx, or not at all
	dropped  = "gone"
	token    = "tok"
	refresh  = "ref"
	login    = "log"
	place    = "rte"
	socket   = "ws"
	acted    = "act"
	asserted = "ast"
	lag      = "lag"
)

// mark is one thing that was seen, or one that lasted when it has an end.
type mark struct {
	at, end     time.Time
	look, label string // label: shown inside a bar
	text        string
}

func (m mark) lasts() bool { return m.end.After(m.at) }

// row is one line of marks in a lane.
type row struct {
	name  string
	marks []mark
}

// lane is a subject's part of the time line.
type lane struct {
	name string
	rows []row
}

// The lanes whose plain marks are steps too.
const (
	stepsName    = "The scenario's steps"
	keycloakName = "Keycloak"
)

// Most rows of a lane whose number depends on what was seen.
const (
	mostSockets    = 4
	mostIdentities = 6
)

// lanes puts all that is worth drawing of a timeline into lanes, the empty ones
// left out.
func lanes(line timeline.Timeline, findings []judge.Finding, log string, end time.Time) []lane {
	line.Events = line.Select(func(e timeline.Event) bool { return e.Lacks() == "" && !e.At.IsZero() })
	var kept []lane
	for _, drawn := range []lane{
		findingsLane(findings), suiteLane(line), alertLane(line, end), tokenLane(line), keycloakLane(line), pageLane(line),
		identityLane(line), routeLane(line, end), socketLane(line, end), consoleLane(line), logLane(log), machineLane(line),
	} {
		drawn.rows = slices.DeleteFunc(drawn.rows, func(r row) bool { return len(r.marks) == 0 })
		if len(drawn.rows) > 0 {
			kept = append(kept, drawn)
		}
	}
	return kept
}

func findingsLane(findings []judge.Finding) lane {
	var marks []mark
	for _, finding := range findings {
		if !finding.At.IsZero() {
			marks = append(marks, mark{at: finding.At, look: broken, text: finding.Text})
		}
	}
	slices.SortStableFunc(marks, func(a, b mark) int { return a.at.Compare(b.at) })
	return lane{"What broke", []row{{"", marks}}}
}

func suiteLane(line timeline.Timeline) lane {
	var steps, actions, rules []mark
	for _, event := range line.Events {
		if event.Witness != timeline.Suite {
			continue
		}
		text := strings.ReplaceAll(string(event.Kind), "-", " ")
		if event.Text != "" {
			text += ": " + event.Text
		}
		if event.Count > 0 {
			text += fmt.Sprintf(" (%d)", event.Count)
		}
		switch event.Kind {
		case timeline.Acted, timeline.Attempted, timeline.Forged:
			actions = append(actions, mark{at: event.At, look: acted, text: text})
		case timeline.Undone:
			actions = append(actions, mark{at: event.At, look: broken, text: text})
		case timeline.Asserted:
			rules = append(rules, mark{at: event.At, look: asserted, text: text})
		default:
			steps = append(steps, mark{at: event.At, look: fine, text: text})
		}
	}
	return lane{stepsName, []row{{"step", steps}, {"done", actions}, {"rule", rules}}}
}

func tokenLane(line timeline.Timeline) lane {
	firstSeen := map[string]time.Time{}
	for _, event := range line.Events {
		if event.Request == nil {
			continue
		}
		for _, carried := range []string{hashOf(event.Request.Bearer), hashOf(event.Request.CookieToken)} {
			if _, known := firstSeen[carried]; !known {
				firstSeen[carried] = event.At
			}
		}
	}
	rows := []row{{}, {}}
	for i, held := range line.Tokens() {
		issued := held.IssuedAt
		if issued.IsZero() {
			issued = firstSeen[held.Hash]
		}
		bar := mark{at: issued, end: held.ExpiresAt, look: token, label: fmt.Sprint(i + 1)}
		bar.text = fmt.Sprintf("token %d (%s) is good until %s", i+1, held.Hash, clock(held.ExpiresAt))
		rows[i%2].marks = append(rows[i%2].marks, bar)
	}
	return lane{"Tokens, and how long they live", rows}
}

func keycloakLane(line timeline.Timeline) lane {
	logins, refreshes := row{name: "login"}, row{name: "renew"}
	for _, event := range line.Events {
		if event.Witness != timeline.Keycloak || event.Identity == nil || event.Identity.Client != line.Header.Client {
			continue
		}
		drawn := mark{at: event.At, text: event.Identity.Type}
		if event.Identity.Error != "" {
			drawn.text += ": " + event.Identity.Error
		}
		switch event.Kind {
		case timeline.Refresh:
			drawn.look = refresh
			refreshes.marks = append(refreshes.marks, drawn)
		case timeline.RefreshError:
			drawn.look = broken
			refreshes.marks = append(refreshes.marks, drawn)
		case timeline.Login:
			drawn.look = login
			logins.marks = append(logins.marks, drawn)
		case timeline.LoginError:
			drawn.look = broken
			logins.marks = append(logins.marks, drawn)
		default:
			drawn.look = fine
			logins.marks = append(logins.marks, drawn)
		}
	}
	return lane{keycloakName, []row{logins, refreshes}}
}

func pageLane(line timeline.Timeline) lane {
	rows := []row{{name: "2xx"}, {name: "4xx"}, {name: "5xx"}}
	for _, event := range line.Events {
		if event.Witness != timeline.Page || event.Request == nil || (event.Kind != timeline.Responded && event.Kind != timeline.Failed) || !line.Header.InCluster(event.Request.URL) {
			continue
		}
		number, look := statusRow(event.Request.Status, event.Request.Error)
		text := strings.TrimSpace(fmt.Sprintf("%s %s", event.Request.Method, pathOf(event.Request.URL)))
		if event.Request.Status > 0 {
			text += fmt.Sprintf(" %d", event.Request.Status)
		}
		if event.Request.Error != "" {
			text += " " + event.Request.Error
		}
		rows[number].marks = append(rows[number].marks, mark{at: event.At, look: look, text: text})
	}
	return lane{"The page's requests to the cluster, by status", rows}
}

// statusRow is the row and the look of a request. One that the page gave up
// itself is no failure.
func statusRow(status int, failure string) (int, string) {
	switch {
	case strings.Contains(failure, "canceled by the page"):
		return 2, dropped
	case failure != "" || status == 0 || status >= 500:
		return 2, broken
	case status >= 400:
		return 1, refused
	default:
		return 0, fine
	}
}

func identityLane(line timeline.Timeline) lane {
	byUser := map[string][]mark{}
	var users []string
	for _, event := range line.Events {
		if event.Kind != timeline.Audited || event.Record == nil {
			continue
		}
		record := event.Record
		user := cmp.Or(record.ImpersonatedUser, record.User, "nobody")
		_, look := statusRow(cmp.Or(record.Code, 200), "")
		if _, known := byUser[user]; !known {
			users = append(users, user)
		}
		text := fmt.Sprintf("%s: %s %s %d", user, record.Verb, record.URI, record.Code)
		if record.ImpersonatedUser != "" {
			text += ", impersonated by " + record.User
		}
		byUser[user] = append(byUser[user], mark{at: event.At, look: look, text: text})
	}
	drawn := lane{name: "Requests at the API server, by identity"}
	for i, user := range users {
		if i >= mostIdentities {
			last := &drawn.rows[mostIdentities-1]
			last.name = "others"
			last.marks = append(last.marks, byUser[user]...)
			continue
		}
		drawn.rows = append(drawn.rows, row{user, byUser[user]})
	}
	for _, r := range drawn.rows {
		slices.SortStableFunc(r.marks, func(a, b mark) int { return a.at.Compare(b.at) })
	}
	return drawn
}

func consoleLane(line timeline.Timeline) lane {
	var marks []mark
	for _, event := range line.Events {
		if event.Kind == timeline.Crashed {
			marks = append(marks, mark{at: event.At, look: broken, text: event.Text})
		}
		if event.Kind == timeline.Console && (event.Level == "error" || event.Level == "exception") {
			marks = append(marks, mark{at: event.At, look: refused, text: shorten(event.Text)})
		}
	}
	return lane{"Errors in the browser's console", []row{{"", marks}}}
}

func machineLane(line timeline.Timeline) lane {
	var marks []mark
	for _, event := range line.Events {
		if event.Kind == timeline.Lagged {
			text := fmt.Sprintf("the machine stood still for %.1f s", event.Delay.Seconds())
			marks = append(marks, mark{at: event.At.Add(-event.Delay), end: event.At, look: lag, text: text})
		}
	}
	return lane{"The machine stood still", []row{{"", marks}}}
}
