package diagnosis

import (
	"fmt"
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// Cause names what is wrong. It is part of the report: a name stays.
type Cause string

// The causes.
const (
	RedirectURI       Cause = "redirect-uri-not-registered"
	ForwardedProto    Cause = "forwarded-proto-missing"
	BaseURLTaken      Cause = "base-url-not-forwarded"
	ClientUnknown     Cause = "client-unknown"
	ClientSecret      Cause = "client-secret-wrong"
	OfflineRefused    Cause = "offline-access-not-allowed"
	ScopesRefused     Cause = "scopes-refused"
	IssuerUntrusted   Cause = "issuer-authority-missing"
	IssuerUnreachable Cause = "issuer-unreachable"
	IssuerNamed       Cause = "dashboard-expects-another-issuer"
	ClockOff          Cause = "clock-skew"
	LoginElsewhere    Cause = "login-begun-on-another-replica"
	TokenRefused      Cause = "api-server-refuses-token"
	APIServerDistrust Cause = "issuer-authority-missing-at-api-server"
	WrongAudience     Cause = "api-server-expects-another-audience"
	WrongIssuer       Cause = "api-server-expects-another-issuer"
	NoUsername        Cause = "username-claim-missing"
	NoGroups          Cause = "groups-claim-missing"
	NamePrefixed      Cause = "username-prefixed-by-api-server"
	GroupsWithPath    Cause = "groups-with-path"
	NoRights          Cause = "user-without-rights"
	NoImpersonation   Cause = "impersonate-permission-missing"
	CookieDropped     Cause = "session-cookie-not-kept"
	HeadersTooLarge   Cause = "headers-too-large"
	NoRefreshToken    Cause = "client-without-refresh-tokens"
	RefreshTokenRaced Cause = "refresh-token-used-twice"
	SessionOver       Cause = "sso-session-over"
	OtherClusters     Cause = "refreshed-at-another-clusters-issuer"
	RealmAnew         Cause = "realm-imported-anew"
	NotARefreshToken  Cause = "another-token-sent-as-refresh-token"
	RefreshUntrusted  Cause = "issuer-authority-missing-at-refresh"
	RefreshTokenLost  Cause = "refresh-token-lost-at-restart"
	OtherReplica      Cause = "refresh-token-on-another-replica"
	RefreshBasePath   Cause = "never-refreshes-under-base-url"
	NeverRefreshes    Cause = "never-refreshes"
)

// Diagnosis is a cause with what shows it and what to do.
type Diagnosis struct {
	Cause    Cause    `json:"cause"`
	Says     string   `json:"says"`     // what is wrong, in a sentence
	Evidence []string `json:"evidence"` // what was seen, each with its time
	Fix      string   `json:"fix"`      // in the words of the configuration
}

// Seen is what a diagnosis is made of.
type Seen struct {
	Line timeline.Timeline
	Log  string // of the dashboard's replicas, redacted
	// APIServerLog is what the API server logged about the realm, where it is known.
	APIServerLog string
}

// rule finds one cause.
type rule struct {
	cause     Cause
	says, fix string
	// shows returns what shows the cause, or nothing when it is not this one.
	shows func(facts) []string
}

// rules are all of them, in the order in which a session meets what they name: who
// cannot log in has no session to refresh.
var rules = slices.Concat(loginRules, accessRules, refreshRules)

// Diagnose names the cause of a failure. It returns false when what was seen fits
// no known one.
func Diagnose(seen Seen) (Diagnosis, bool) {
	known := factsOf(seen)
	for _, rule := range rules {
		if evidence := rule.shows(known); len(evidence) > 0 {
			return Diagnosis{Cause: rule.cause, Says: rule.says, Evidence: evidence, Fix: rule.fix}, true
		}
	}
	return Diagnosis{}, false
}

// Explain returns what is wrong when a cause is named, and what to do. Of an
// unknown one it says nothing.
func Explain(cause Cause) (says, fix string) {
	for _, rule := range rules {
		if rule.cause == cause {
			return rule.says, rule.fix
		}
	}
	return "", ""
}

// Causes returns every cause that can be named, in the order of the rules.
func Causes() []Cause {
	var causes []Cause
	for _, rule := range rules {
		causes = append(causes, rule.cause)
	}
	return causes
}

// at begins a line of evidence with the time of what it tells.
func at(when time.Time, format string, args ...any) string {
	return when.UTC().Format("15:04:05.000") + " " + fmt.Sprintf(format, args...)
}
