package judge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// Rule is something that a timeline keeps or breaks.
type Rule struct {
	Name string `json:"name"`
	// Count is how many times something has to happen, for the rules that
	// count.
	Count int `json:"count,omitempty"`
}

// Symptom is the shape of a failure, apart from its time and place. Recorded
// issues name the symptoms that they explain.
type Symptom string

// The symptoms.
const (
	NotLoggedIn      Symptom = "not-logged-in"
	LoggedInAgain    Symptom = "logged-in-again"
	LoginRefused     Symptom = "login-refused"
	TokenReadable    Symptom = "token-readable"
	CookieUnguarded  Symptom = "cookie-unguarded"
	LostConnection   Symptom = "lost-connection"
	LeftThePage      Symptom = "left-the-page"
	PageNotAlive     Symptom = "page-not-alive"
	Unauthorized     Symptom = "unauthorized"
	Forbidden        Symptom = "forbidden-with-right"
	ServerError      Symptom = "server-error"
	RequestFailed    Symptom = "request-failed"
	NothingSeen      Symptom = "nothing-seen"
	ExpiryNotCrossed Symptom = "expiry-not-crossed"
	NotServed        Symptom = "not-served-around-expiry"
	NotRefreshed     Symptom = "not-refreshed"
	RefreshRefused   Symptom = "refresh-refused"
	WrongIdentity    Symptom = "wrong-identity"
	WrongCredential  Symptom = "wrong-credential"
	ExpiredToken     Symptom = "expired-token"
	WitnessesDiffer  Symptom = "witnesses-differ"
	Crashed          Symptom = "crashed"
)

// Finding is one way in which a timeline breaks a rule.
type Finding struct {
	Rule    string    `json:"rule"`
	Symptom Symptom   `json:"symptom"`
	At      time.Time `json:"at,omitzero"` // when it was seen; zero: it never was
	Text    string    `json:"text"`
}

// check finds the ways in which a timeline breaks a rule.
type check func(line timeline.Timeline, rule Rule) []Finding

// rules are all rules by name. A name is part of saved timelines: it stays.
var rules = map[string]check{
	"logged-in-once":         loggedInOnce,
	"token-hidden":           tokenHidden,
	"cookie-guarded":         cookieGuarded,
	"no-lost-connection":     noLostConnection,
	"stayed-on-page":         stayedOnPage,
	"page-alive":             pageAlive,
	"no-blip":                noBlip,
	"expiries-crossed":       expiriesCrossed,
	"served-around-expiry":   servedAroundExpiry,
	"refreshed":              refreshed,
	"known-to-cluster":       knownToCluster,
	"own-token-throughout":   ownTokenThroughout,
	"witnesses-agree":        witnessesAgree,
	"trusted-private-issuer": trustedPrivateIssuer,
}

// Check returns the findings of one rule, in the order of their time.
func Check(line timeline.Timeline, rule Rule) []Finding {
	check, known := rules[rule.Name]
	if !known {
		return []Finding{{Rule: rule.Name, Symptom: NothingSeen, Text: fmt.Sprintf("there is no rule %q in this version", rule.Name)}}
	}
	findings := check(line, rule)
	for i := range findings {
		findings[i].Rule = rule.Name
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return a.At.Compare(b.At) })
	return findings
}

// Assertion returns the event that notes in the timeline that a spec asserted
// a rule, for Replay.
func Assertion(rule Rule) timeline.Event {
	// A rule can always be encoded.
	text, _ := json.Marshal(rule)
	return timeline.Event{Witness: timeline.Suite, Kind: timeline.Asserted, Text: string(text)}
}

// Replay checks again every rule that the spec asserted, and says how many
// those were.
func Replay(line timeline.Timeline) (findings []Finding, asserted int, err error) {
	for _, event := range line.Of(timeline.Suite, timeline.Asserted) {
		var rule Rule
		if err := json.Unmarshal([]byte(event.Text), &rule); err != nil {
			return nil, 0, fmt.Errorf("read the asserted rule %q: %w", event.Text, err)
		}
		asserted++
		findings = append(findings, Check(line, rule)...)
	}
	return findings, asserted, nil
}

// Names returns the names of all rules, in order.
func Names() []string {
	var names []string
	for name := range rules {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// found makes one finding about an event.
func found(symptom Symptom, event timeline.Event, format string, args ...any) Finding {
	return Finding{Symptom: symptom, At: event.At, Text: fmt.Sprintf(format, args...)}
}

// missing makes one finding about something that was never seen.
func missing(symptom Symptom, format string, args ...any) []Finding {
	return []Finding{{Symptom: symptom, Text: fmt.Sprintf(format, args...)}}
}

// path is the path of a URL without its query.
func path(url string) string {
	if _, rest, found := strings.Cut(url, "://"); found {
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			url = rest[slash:]
		} else {
			url = "/"
		}
	}
	url, _, _ = strings.Cut(url, "?")
	return url
}
