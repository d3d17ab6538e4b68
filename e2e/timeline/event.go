package timeline

import (
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// Witness is who saw an event.
type Witness string

// The witnesses. All of them read the clock of one machine.
const (
	Page         Witness = "page"         // the browser, through its debugging protocol
	Front        Witness = "front"        // the TLS proxy between browser and dashboard
	Keycloak     Witness = "keycloak"     // the identity provider's stored events
	Impersonator Witness = "impersonator" // the hop between dashboard and tap, in the identity mode proxy
	Tap          Witness = "tap"          // the last hop before the API server
	Audit        Witness = "audit"        // the API server's audit log
	Suite        Witness = "suite"        // what the spec itself did
	Machine      Witness = "machine"      // the health of the machine that runs the stand
)

// Kind is what happened.
type Kind string

// What the page tells.
const (
	AlertShown      Kind = "alert-shown"      // Text: the alert's text
	AlertHidden     Kind = "alert-hidden"     // Text: the alert's text
	Routed          Kind = "routed"           // Text: the path shown
	Console         Kind = "console"          // Text: the message, Level: its level
	ObjectSeen      Kind = "object-seen"      // Text: the object's name
	TokenExposed    Kind = "token-exposed"    // Text: where a script could read it, Token: which
	CookieKept      Kind = "cookie-kept"      // Cookie: as the browser keeps it
	Searched        Kind = "searched"         // Text: a place that was searched for tokens
	WebSocketOpened Kind = "websocket-opened" // Request
	WebSocketClosed Kind = "websocket-closed" // Request
	Crashed         Kind = "crashed"          // Text: how
)

// What page, front, impersonator and tap tell of requests.
const (
	Responded Kind = "responded"  // Request, with its status
	Failed    Kind = "failed"     // Request, with its error; no response came
	Ended     Kind = "ended"      // Request: a watch or an upgraded connection is over
	BrokenOff Kind = "broken-off" // Request, with its error: the response came, and its body did not come to its end
)

// What Keycloak and the audit log tell.
const (
	Login        Kind = "login"         // Identity
	LoginError   Kind = "login-error"   // Identity
	Refresh      Kind = "refresh"       // Identity
	RefreshError Kind = "refresh-error" // Identity
	OtherEvent   Kind = "other"         // Identity
	Audited      Kind = "audited"       // Record
)

// What the suite and the machine tell.
const (
	LoggedIn      Kind = "logged-in"      // the page has loaded after a login
	Reloaded      Kind = "reloaded"       // the page has loaded after a reload
	HoldBegan     Kind = "hold-began"     //
	HoldEnded     Kind = "hold-ended"     // Text: why
	ObjectCreated Kind = "object-created" // Text: the object's name, Count: the expiry it follows
	ExpiryCrossed Kind = "expiry-crossed" // Count: which expiry, Token: the expired token
	WhoAmI        Kind = "who-am-i"       // Identified: what the API server answered
	RightsChecked Kind = "rights-checked" // Request.AuditID: which request, Text: "allowed" or "denied"
	Asserted      Kind = "asserted"       // Text: the rule, as the judge replays it
	SessionsLeft  Kind = "sessions-left"  // Count: how many sessions the user has at Keycloak
	Attempted     Kind = "attempted"      // Text: what an attacker tried, Count: the status that was answered
	Acted         Kind = "acted"          // Text: what was done to the installation, one of the actions; Count: to how many, where it says so
	Streamed      Kind = "streamed"       // Text: Terminal or Log, Request: which was opened and when, its Error: what it did not do
	Interleaved   Kind = "interleaved"    // Text: a user, Count: how many requests of the user's, amid those of others, were answered as the user's
	MixedUp       Kind = "mixed-up"       // Text: whose request was answered as whose
	StreamTold    Kind = "stream-told"    // Text: the user whose stream at the multiplexer was to tell of something new, Level: its path, Count: whether it did, 1 or 0
	Undone        Kind = "undone"         // Text: what a person could not do, Level: the judge's symptom
	Pictured      Kind = "pictured"       // Text: the name of the screenshot that was kept of a tab
	Lagged        Kind = "lagged"         // Delay
)

// What the suite tells of logins that are no plain ones.
const (
	Opened  Kind = "opened"  // Text: the path that was opened without a session
	Forged  Kind = "forged"  // Text: what was wrong with a callback that was sent, Request: when, Level: ShowsTrace or nothing, Count: what the sender was answered afterwards
	Told    Kind = "told"    // Text: what the login's window showed when it did not close, Level: ShowsTrace or nothing
	Offers  Kind = "offers"  // the page offers to sign in
	Back    Kind = "back"    // the login's window is gone, of a login that leads nowhere
	Watched Kind = "watched" // the page has been watched since then
)

// What is streamed from a pod.
const (
	Terminal = "terminal"
	Log      = "log"
)

// ShowsTrace is the level of what shows a person the inside of a program.
const ShowsTrace = "stack-trace"

// Event is one observation. Which of its parts are set depends on its kind.
type Event struct {
	At         time.Time     `json:"at"`
	Witness    Witness       `json:"witness"`
	Kind       Kind          `json:"kind"`
	Tab        string        `json:"tab,omitempty"`
	Text       string        `json:"text,omitempty"`
	Level      string        `json:"level,omitempty"`
	Count      int           `json:"count,omitempty"`
	Delay      time.Duration `json:"delay,omitempty"`
	Request    *Request      `json:"request,omitempty"`
	Token      *redact.Token `json:"token,omitempty"`
	Cookie     *Cookie       `json:"cookie,omitempty"`
	Identity   *Identity     `json:"identity,omitempty"`
	Record     *Record       `json:"record,omitempty"`
	Identified *Identified   `json:"identified,omitempty"`
}

// Lacks names the part that an event of this kind has to have and that this
// one has not. It returns "" for a whole event.
func (e Event) Lacks() string {
	whole, part := true, ""
	switch e.Kind {
	case Responded, Failed, Ended, BrokenOff, WebSocketOpened, WebSocketClosed, RightsChecked, Forged, Streamed:
		whole, part = e.Request != nil, "request"
	case CookieKept:
		whole, part = e.Cookie != nil, "cookie"
	case TokenExposed, ExpiryCrossed:
		whole, part = e.Token != nil, "token"
	case Login, LoginError, Refresh, RefreshError, OtherEvent:
		whole, part = e.Identity != nil, "identity"
	case Audited:
		whole, part = e.Record != nil, "record"
	case WhoAmI:
		whole, part = e.Identified != nil, "identified user"
	}
	if whole {
		return ""
	}
	return part
}

// Request is an HTTP request as one witness saw it.
type Request struct {
	ID            string         `json:"id,omitempty"` // unique for its witness
	Method        string         `json:"method"`
	URL           string         `json:"url"` // redacted; path and query alone but for the page's
	Status        int            `json:"status,omitempty"`
	Error         string         `json:"error,omitempty"`
	Began         time.Time      `json:"began,omitzero"`
	WebSocket     bool           `json:"webSocket,omitempty"`
	UserAgent     string         `json:"userAgent,omitempty"`
	ClockOff      int            `json:"clockOff,omitempty"`      // seconds that its response's Date is ahead of the clock here, when it is more than a busy machine explains
	Replica       string         `json:"replica,omitempty"`       // front: the host that it was sent to
	AuditID       string         `json:"auditID,omitempty"`       // tap: as set on the request
	Bearer        *redact.Token  `json:"bearer,omitempty"`        // the credential that it carried
	Beside        []redact.Token `json:"beside,omitempty"`        // tokens in other header lines, cookies apart
	Cookies       []string       `json:"cookies,omitempty"`       // the names of those that it carried
	CookieToken   *redact.Token  `json:"cookieToken,omitempty"`   // the token in its session cookie
	SetCookies    []Cookie       `json:"setCookies,omitempty"`    // as its response set them
	Impersonation *Impersonation `json:"impersonation,omitempty"` // the Impersonate-* headers; impersonator: those that it sent on
	Stripped      []string       `json:"stripped,omitempty"`      // impersonator: which headers it took off, the bearer's own apart
}

// SessionToken is the token with which a browser came to the front: that of its
// session's cookie, else the one that its page has and sends itself (Headlamp up to
// 0.34).
func (r Request) SessionToken() *redact.Token {
	if r.CookieToken != nil {
		return r.CookieToken
	}
	return r.Bearer
}

// Impersonation is what the Impersonate-* headers of a request ask for.
type Impersonation struct {
	User   string   `json:"user,omitempty"`
	Groups []string `json:"groups,omitempty"`
	UID    string   `json:"uid,omitempty"`
	Extra  []string `json:"extra,omitempty"` // the keys alone
}

// Cookie is what is kept of a cookie: everything but its value.
type Cookie struct {
	Name     string        `json:"name"`
	Hash     string        `json:"hash,omitempty"`
	Path     string        `json:"path,omitempty"`
	HTTPOnly bool          `json:"httpOnly"`
	Secure   bool          `json:"secure"`
	SameSite string        `json:"sameSite,omitempty"`
	MaxAge   int           `json:"maxAge,omitempty"` // seconds, as in Set-Cookie
	Deleted  bool          `json:"deleted,omitempty"`
	Token    *redact.Token `json:"token,omitempty"` // when its value is a token
}

// GivesToken says whether the cookie brings the browser a token, and does not remove one.
func (c Cookie) GivesToken() bool { return c.Token != nil && !c.Deleted }

// Identity is an event that Keycloak stored.
type Identity struct {
	Type    string            `json:"type"`            // as Keycloak names it: LOGIN, REFRESH_TOKEN_ERROR, …
	Realm   string            `json:"realm,omitempty"` // where it is another cluster's
	Client  string            `json:"client,omitempty"`
	User    string            `json:"user,omitempty"`    // Keycloak's id of the user
	Session string            `json:"session,omitempty"` // hash of the session's id
	Error   string            `json:"error,omitempty"`
	Details map[string]string `json:"details,omitempty"`
}

// Record is a line of the API server's audit log.
type Record struct {
	AuditID            string   `json:"auditID"`
	Stage              string   `json:"stage"`
	Verb               string   `json:"verb"`
	URI                string   `json:"uri"`
	User               string   `json:"user"`
	Groups             []string `json:"groups,omitempty"`
	ImpersonatedUser   string   `json:"impersonatedUser,omitempty"`
	ImpersonatedGroups []string `json:"impersonatedGroups,omitempty"`
	// Constraint is the verb that let a constrained impersonation be (KEP-5284); that
	// of an unconstrained one, with the verb impersonate, is empty.
	Constraint  string    `json:"constraint,omitempty"`
	Code        int       `json:"code,omitempty"`
	Received    time.Time `json:"received"`
	Decision    string    `json:"decision,omitempty"` // allow or forbid
	Reason      string    `json:"reason,omitempty"`
	Resource    string    `json:"resource,omitempty"`
	Subresource string    `json:"subresource,omitempty"`
	APIGroup    string    `json:"apiGroup,omitempty"`
	Namespace   string    `json:"namespace,omitempty"`
	Name        string    `json:"name,omitempty"`
}

// Identified is a user as the API server knows it.
type Identified struct {
	User   string   `json:"user"`
	Groups []string `json:"groups"`
	UID    string   `json:"uid,omitempty"`
}
