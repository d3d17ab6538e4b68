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
	NotImpersonated  Symptom = "not-impersonated"
	ExpiredToken     Symptom = "expired-token"
	WitnessesDiffer  Symptom = "witnesses-differ"
	WatchNotReopened Symptom = "watch-not-reopened"
	Crashed          Symptom = "crashed"
	StillIn          Symptom = "still-in"
	CookieStays      Symptom = "cookie-stays"
	LingeringAccess  Symptom = "lingering-access"
	SessionLeft      Symptom = "session-left-at-keycloak"
	PasswordNotAsked Symptom = "password-not-asked"
	Escalated        Symptom = "escalated"
	FellBack         Symptom = "fell-back"
	CookieUpstream   Symptom = "cookie-upstream"
	StillServed      Symptom = "still-served"
	StillForwarded   Symptom = "still-forwarded"
	SessionKept      Symptom = "session-kept"
	SessionDropped   Symptom = "session-dropped"
	LoginNotOffered  Symptom = "login-not-offered"
	TokenStorm       Symptom = "token-storm"
	ForgedLogin      Symptom = "forged-login-accepted"
	TraceShown       Symptom = "stack-trace-shown"
	NotTold          Symptom = "not-told"
	LoginStorm       Symptom = "login-storm"
	StaleChunk       Symptom = "stale-cookie-chunk"
	UsersMixed       Symptom = "users-mixed"
	BadTokenAdmitted Symptom = "bad-token-admitted"
	ActsAsItself     Symptom = "acts-as-itself"
	StreamFailed     Symptom = "stream-failed"
)

// symptoms are all of them: a recorded issue that names another one would
// never explain anything.
var symptoms = []Symptom{
	NotLoggedIn, LoggedInAgain, LoginRefused, TokenReadable, CookieUnguarded, LostConnection, LeftThePage, PageNotAlive,
	Unauthorized, Forbidden, ServerError, RequestFailed, NothingSeen, ExpiryNotCrossed, NotServed, NotRefreshed,
	RefreshRefused, WrongIdentity, WrongCredential, NotImpersonated, ExpiredToken, WitnessesDiffer, Crashed,
	StillIn, CookieStays, LingeringAccess, SessionLeft, PasswordNotAsked, Escalated, FellBack, CookieUpstream,
	StillServed, StillForwarded, SessionKept, SessionDropped, LoginNotOffered, TokenStorm,
	ForgedLogin, TraceShown, NotTold, LoginStorm, StaleChunk,
	RefreshRefused, WrongIdentity, WrongCredential, NotImpersonated, ExpiredToken, WitnessesDiffer, WatchNotReopened, Crashed,
	BadTokenAdmitted, ActsAsItself, UsersMixed, StreamFailed,
}

// Finding is one way in which a timeline breaks a rule.
type Finding struct {
	Rule    string    `json:"rule"`
	Symptom Symptom   `json:"symptom"`
	At      time.Time `json:"at,omitzero"` // when it was seen; zero: it never was
	Text    string    `json:"text"`
}

// check finds the ways in which a timeline breaks a rule.
type check struct {
	find   func(line timeline.Timeline, rule Rule) []Finding
	counts bool // whether the rule's Count says how much it asks for
}

// rules are all rules by name. A name is part of saved timelines: it stays.
var rules = map[string]check{
	"logged-in-once":          {find: loggedInOnce},
	"token-hidden":            {find: tokenHidden},
	"cookie-guarded":          {find: cookieGuarded},
	"no-lost-connection":      {find: noLostConnection},
	"stayed-on-page":          {find: stayedOnPage},
	"never-sent-back":         {find: neverSentBack},
	"page-alive":              {find: pageAlive, counts: true},
	"no-blip":                 {find: noBlip},
	"expiries-crossed":        {find: expiriesCrossed, counts: true},
	"served-around-expiry":    {find: servedAroundExpiry, counts: true},
	"refreshed":               {find: refreshed, counts: true},
	"known-to-cluster":        {find: knownToCluster},
	"own-token-throughout":    {find: ownTokenThroughout},
	"impersonated-throughout": {find: impersonatedThroughout},
	"witnesses-agree":         {find: witnessesAgree},
	"trusted-private-issuer":  {find: trustedPrivateIssuer},
	"session-cookie-gone":     {find: sessionCookieGone},
	"login-after-logout":      {find: loginAfterLogout},
	"copy-refused":            {find: copyRefused},
	"password-asked":          {find: passwordAsked},
	"other-tab-follows":       {find: otherTabFollows},
	"forgery-refused":         {find: forgeryRefused},
	"no-fallback":             {find: noFallback},
	"no-cookie-upstream":      {find: noCookieUpstream},
	"refused-after-end":       {find: refusedAfterEnd},
	"login-offered":           {find: loginOffered},
	"no-token-storm":          {find: noTokenStorm},
	"revoked-at-once":         {find: revokedAtOnce},
	"keys-rotated":            {find: keysRotated},
	"shared-refresh":          {find: sharedRefresh, counts: true},
	"former-cookie-harmless":  {find: formerCookieHarmless},
	"served-after-thaw":       {find: servedAfterThaw},
	"outlived-sso-session":    {find: outlivedSSOSession},
	"recovered-online":        {find: recoveredOnline},

	"entered-over-earlier-session": {find: enteredOverEarlierSession},
	"entered-at-second-try":        {find: enteredAtSecondTry},
	"entered-across-restart":       {find: enteredAcrossRestart},
	"returned-to-deep-link":        {find: returnedToDeepLink},
	"banner-cleared":               {find: bannerCleared},
	"forged-callbacks-refused":     {find: forgedCallbacksRefused},
	"foreign-callback-refused":     {find: foreignCallbackRefused},
	"refusals-told":                {find: refusalsTold},
	"distrust-bounded":             {find: distrustBounded},
	"chunks-consistent":            {find: chunksConsistent},
	"login-across-replicas":        {find: loginAcrossReplicas},
	"session-across-replicas":      {find: sessionAcrossReplicas},
	"usable-after-restart":         {find: usableAfterRestart},
	"usable-after-reimport":        {find: usableAfterReimport},
	"access-token-throughout":      {find: accessTokenThroughout},
	"never-reloaded":               {find: neverReloaded},
	"watch-reopened":               {find: watchReopened},
	"survived-outage":              {find: survivedOutage},
	"slow-answers":                 {find: slowAnswers},
	"discovered-elsewhere":         {find: discoveredElsewhere},

	"bad-tokens-refused": {find: badTokensRefused},
	"account-unused":     {find: accountUnused},
	"proxy-names-user":   {find: proxyNamesUser},

	"streams-belong-to-sessions": {find: streamsBelongToSessions},

	"groups-follow-refresh": {find: groupsFollowRefresh},
	"taken-right-forbidden": {find: takenRightForbidden},
	"users-isolated":        {find: usersIsolated, counts: true},
	"each-cluster-held":     {find: eachClusterHeld, counts: true},

	"logout-outlasts-renewals": {find: logoutOutlastsRenewals},

	"streams-served":          {find: streamsServed, counts: true},
	"same-user-on-every-verb": {find: sameUserOnEveryVerb},

	"known-throughout":            {find: knownThroughout},
	"prefixed-name-decides":       {find: prefixedNameDecides},
	"impersonation-constrained":   {find: impersonationConstrained},
	"taken-impersonation-refused": {find: takenImpersonationRefused},
}

// Check returns the findings of one rule, in the order of their time. A
// timeline or a rule that nothing can be said of breaks the rule.
func Check(line timeline.Timeline, rule Rule) []Finding {
	var findings []Finding
	if err := judgeable(line, rule); err != nil {
		findings = missing(NothingSeen, "%v", err)
	} else {
		findings = rules[rule.Name].find(line, rule)
	}
	for i := range findings {
		findings[i].Rule = rule.Name
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return a.At.Compare(b.At) })
	return findings
}

// judgeable says why a rule cannot be checked on a timeline, whatever was seen.
func judgeable(line timeline.Timeline, rule Rule) error {
	check, known := rules[rule.Name]
	switch {
	case !known:
		return fmt.Errorf("there is no rule %q in this version", rule.Name)
	case check.counts && rule.Count < 1:
		return fmt.Errorf("the rule %q was asserted for %d times, which anything keeps; 1 is the least", rule.Name, rule.Count)
	}
	for _, entry := range []struct{ name, value string }{
		{"cluster", line.Header.Cluster}, {"issuer", line.Header.Issuer}, {"client", line.Header.Client},
	} {
		if entry.value == "" {
			return fmt.Errorf("the timeline is damaged: its header does not name the %s", entry.name)
		}
	}
	for _, event := range line.Events {
		if lacks := event.Lacks(); lacks != "" {
			return fmt.Errorf("the timeline is damaged: %s's event %q of %s has no %s", event.Witness, event.Kind, event.At.Format(time.RFC3339Nano), lacks)
		}
	}
	return nil
}

// undoneRule is the name under which is found what a person could not do.
const undoneRule = "done"

// Assertion returns the event that notes in the timeline that a spec asserted
// a rule, for Replay.
func Assertion(rule Rule) timeline.Event {
	// A rule can always be encoded.
	text, _ := json.Marshal(rule)
	return timeline.Event{Witness: timeline.Suite, Kind: timeline.Asserted, Text: string(text)}
}

// Replay checks again every rule that the spec asserted, each on what had been
// seen when it did, and says how many those were. What happened later, while
// the spec's evidence was saved, say, was never asserted. An error means that
// the timeline says nothing.
func Replay(line timeline.Timeline) (findings []Finding, asserted int, err error) {
	// What a person could not do is found whatever was asserted.
	for _, event := range line.Of(timeline.Suite, timeline.Undone) {
		undone := found(Symptom(event.Level), event, "%s", event.Text)
		undone.Rule = undoneRule
		findings = append(findings, undone)
	}
	for _, event := range line.Of(timeline.Suite, timeline.Asserted) {
		var rule Rule
		if err := json.Unmarshal([]byte(event.Text), &rule); err != nil {
			return nil, 0, fmt.Errorf("read the asserted rule %q: %w", event.Text, err)
		}
		if err := judgeable(line, rule); err != nil {
			return nil, 0, err
		}
		asserted++
		findings = append(findings, Check(line.Until(event.At), rule)...)
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

// began is when a request was sent, or when it was seen, when its witness does
// not say.
func began(event timeline.Event) time.Time {
	if event.Request.Began.IsZero() {
		return event.At
	}
	return event.Request.Began
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
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
