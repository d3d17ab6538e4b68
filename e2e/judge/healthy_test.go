package judge_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	lifetime = 30 * time.Second
	expiries = 3
	user     = "dev"
	userID   = "id-of-dev"
	tab      = "tab-1"
	window   = "tab-2" // the login's
	issuer   = "https://127.0.0.1:8443/realms/r"
	site     = "https://localhost:9443"
	home     = "/c/main"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// writer writes a synthetic timeline, event by event.
type writer struct {
	line     timeline.Timeline
	now      time.Time
	requests int
	tokens   int
	token    *redact.Token // that the session has
	key      string        // with which Keycloak signs
	renews   bool          // the hold is one of renewed
}

// newWriter is a writer of a timeline in which nothing has happened yet.
func newWriter(mode string) *writer {
	return &writer{now: noon, key: "key-1", line: timeline.Timeline{Header: timeline.Header{
		Version: timeline.Version, Scenario: "session/hold", Dashboard: "synthetic 1.0.0", Mode: mode, Cluster: "main",
		Issuer: issuer, Client: "headlamp", Lifetime: lifetime, Expiries: expiries,
		Users: []timeline.User{{Name: user, ID: userID, Groups: []string{"developers", "testers"}}},
	}}}
}

// healthy is the timeline of a hold that keeps every rule: a login, a denied
// request before it and one after, a page held past three expiries whose watch
// ends and is opened again, a reload, a way to the namespaces and back, and the
// end of the spec, which tears it down.
func healthy(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.use()
	w.hold()
	w.lookAround()
	w.assert(rulesOf(mode)...)
	w.tearDown()
	w.line.Sort()
	return w.line
}

func (w *writer) assert(names ...string) {
	for _, name := range names {
		w.step(time.Millisecond)
		w.add(at(judge.Assertion(judge.Rule{Name: name, Count: expiries}), w.now))
	}
}

func (w *writer) step(by time.Duration) { w.now = w.now.Add(by) }

func (w *writer) add(event timeline.Event) { w.line.Events = append(w.line.Events, at(event, w.now)) }

func at(event timeline.Event, when time.Time) timeline.Event {
	event.At = when
	return event
}

func (w *writer) logIn() {
	w.keycloak(timeline.Login, "LOGIN", "stand-probe")
	w.step(time.Second)
	w.page(tab, timeline.Routed, "/")
	w.page(tab, timeline.Routed, home+"/")
	w.request("GET", "/api/v1/namespaces", http.StatusForbidden)
	w.page(tab, timeline.AlertShown, "Lost connection to the cluster.")
	w.page(tab, timeline.Routed, home+"/login")
	w.page(window, timeline.Routed, "/realms/r/protocol/openid-connect/auth")
	w.step(time.Second)
	w.keycloak(timeline.Login, "LOGIN", "headlamp")
	w.keycloak(timeline.OtherEvent, "CODE_TO_TOKEN", "headlamp")
	w.newToken()
	w.add(timeline.Event{Witness: timeline.Front, Kind: timeline.Responded, Request: &timeline.Request{
		Method: "GET", URL: "/oidc-callback?code=redacted-0123456789ab", Status: http.StatusFound, Began: w.now, SetCookies: w.cookies(),
	}})
	w.page(window, timeline.Routed, "/auth")
	w.page(tab, timeline.Routed, home+"/")
	w.page(tab, timeline.AlertHidden, "Lost connection to the cluster.")
	w.step(time.Second)
	w.suite(timeline.Event{Kind: timeline.LoggedIn, Tab: tab})
}

// use is what the spec does between login and hold.
func (w *writer) use() {
	w.step(time.Second)
	w.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", http.StatusCreated)
	w.suite(timeline.Event{Kind: timeline.WhoAmI, Identified: &timeline.Identified{
		User: user, Groups: []string{"developers", "testers", "system:authenticated"},
	}})
	for _, place := range []string{"the page's URL", "localStorage", "sessionStorage", "document.cookie", "the page's HTML"} {
		w.page(tab, timeline.Searched, place)
	}
	for _, cookie := range w.cookies() {
		w.add(timeline.Event{Witness: timeline.Page, Kind: timeline.CookieKept, Tab: tab, Cookie: &cookie})
	}
	w.request("DELETE", "/api/v1/namespaces/default/configmaps/x", http.StatusOK)
	// No metrics server, and no right to see secrets: neither is a fault.
	w.request("GET", "/apis/metrics.k8s.io/v1beta1/nodes", http.StatusNotFound)
	denied := w.request("GET", "/api/v1/secrets", http.StatusForbidden)
	w.suite(timeline.Event{Kind: timeline.RightsChecked, Text: "denied", Request: &timeline.Request{AuditID: denied}})
	w.page(tab, timeline.AlertShown, "You have no right to list secrets.")
	w.page(tab, timeline.Console, "harmless")
}

func (w *writer) hold() {
	w.step(time.Second)
	w.page(tab, timeline.Routed, home+"/namespaces")
	w.request("GET", "/api/v1/namespaces", http.StatusOK)
	endWatch := w.watch("/api/v1/namespaces?watch=1")
	w.suite(timeline.Event{Kind: timeline.HoldBegan, Tab: tab})
	if w.renews {
		w.rotateKeysAndEndSSO()
	}
	issued := []*redact.Token{w.token}
	for crossed := 0; crossed < expiries; {
		w.step(5 * time.Second)
		if w.now.After(w.token.IssuedAt.Add(lifetime - 10*time.Second)) {
			w.keycloak(timeline.Refresh, "REFRESH_TOKEN", "headlamp")
			former := w.token
			w.newToken()
			issued = append(issued, w.token)
			if w.renews {
				w.askAtOnce(former)
			}
			w.request("GET", "/healthz", http.StatusOK)
			w.last(timeline.Front).SetCookies = w.cookies()
			continue
		}
		w.request("GET", "/healthz", http.StatusOK)
		w.add(timeline.Event{Witness: timeline.Machine, Kind: timeline.Lagged, Delay: 600 * time.Millisecond})
		if expired := issued[crossed]; w.now.After(expired.ExpiresAt.Add(15 * time.Second)) {
			crossed++
			w.suite(timeline.Event{Kind: timeline.ExpiryCrossed, Count: crossed, Token: expired})
			w.suite(timeline.Event{Kind: timeline.ObjectCreated, Text: fmt.Sprintf("alive-%d", crossed), Count: crossed})
			w.step(200 * time.Millisecond)
			w.page(tab, timeline.ObjectSeen, fmt.Sprintf("alive-%d", crossed))
			if crossed == 1 {
				endWatch()
				endWatch = w.watch("/api/v1/namespaces?watch=1")
			}
		}
	}
	w.suite(timeline.Event{Kind: timeline.HoldEnded})
	w.step(50 * time.Millisecond)
}

// lookAround is a reload, and a way through the page's links and back.
func (w *writer) lookAround() {
	w.step(time.Second)
	w.page(tab, timeline.Routed, home+"/")
	w.step(time.Second)
	w.suite(timeline.Event{Kind: timeline.Reloaded, Tab: tab})
	w.page(tab, timeline.Routed, home+"/namespaces")
	w.step(time.Second)
	w.page(tab, timeline.Routed, home+"/")
}

// tearDown is what happens after the last assertion: it concerns no rule.
func (w *writer) tearDown() {
	w.step(time.Second)
	w.request("GET", "/healthz", http.StatusOK)
	w.line.Events = w.line.Events[:len(w.line.Events)-1] // not yet in the audit log
	w.page(tab, timeline.AlertShown, "Lost connection to the cluster.")
	w.page(tab, timeline.Routed, "/")
	w.add(timeline.Event{Witness: timeline.Page, Kind: timeline.Failed, Tab: tab, Request: &timeline.Request{
		Method: "GET", URL: site + "/clusters/main/healthz", Began: w.now, Error: "net::ERR_CONNECTION_REFUSED",
	}})
}

func (w *writer) newToken() {
	w.tokens++
	w.token = &redact.Token{
		Hash: fmt.Sprintf("token-%d", w.tokens), KeyID: w.key, Issuer: issuer, Subject: userID, Username: user, Audience: []string{"headlamp"},
		IssuedAt: w.now.Truncate(time.Second), ExpiresAt: w.now.Truncate(time.Second).Add(lifetime),
	}
}

func (w *writer) cookies() []timeline.Cookie {
	proper := timeline.Cookie{HTTPOnly: true, Secure: true, SameSite: "Strict", Path: "/clusters/main"}
	token, refresh, old := proper, proper, proper
	token.Name, token.Token = "headlamp-auth-main.0", w.token
	refresh.Name = "headlamp-refresh-main.0"
	old.Name, old.Deleted, old.HTTPOnly = "headlamp-auth-main.1", true, false
	return []timeline.Cookie{token, refresh, old, {Name: "theme"}}
}

// request is one request of the page's on its way through all witnesses. It
// returns its Audit-ID.
func (w *writer) request(method, path string, status int) string {
	began := w.now
	w.step(20 * time.Millisecond)
	seen := timeline.Request{Method: method, URL: site + "/clusters/main" + path, Status: status, Began: began}
	atFront, atTap := seen, seen
	atFront.URL, atFront.CookieToken = "/clusters/main"+path, w.token
	w.requests++
	atTap.URL, atTap.AuditID = path, fmt.Sprintf("audit-%d", w.requests)
	atTap.WebSocket = status == http.StatusSwitchingProtocols
	record := &timeline.Record{
		AuditID: atTap.AuditID, Verb: strings.ToLower(method), URI: path, User: "system:anonymous", Groups: []string{"system:unauthenticated"},
		Code: status, Received: began, Stage: "ResponseComplete",
	}
	if w.token != nil {
		atTap.Bearer, record.User, record.Groups = w.token, user, []string{"testers", "developers", "system:authenticated"}
		if w.line.Header.Mode != "token" {
			w.impersonate(&atTap, record)
		}
	}
	kind, openedAs := timeline.Responded, timeline.Responded
	if atTap.WebSocket {
		openedAs = timeline.WebSocketOpened
		record.Stage = "ResponseStarted"
	}
	w.add(timeline.Event{Witness: timeline.Page, Kind: openedAs, Tab: tab, Request: &seen})
	w.add(timeline.Event{Witness: timeline.Front, Kind: kind, Request: &atFront})
	w.add(timeline.Event{Witness: timeline.Tap, Kind: kind, Request: &atTap})
	w.add(timeline.Event{Witness: timeline.Audit, Kind: timeline.Audited, Record: record})
	return atTap.AuditID
}

// impersonate makes a request at the tap one that an impersonator sends, or, in
// the identity mode native, the dashboard itself.
func (w *writer) impersonate(atTap *timeline.Request, record *timeline.Record) {
	if w.line.Header.Mode == "proxy" {
		atImpersonator := *atTap
		atImpersonator.AuditID = ""
		atImpersonator.Impersonation = &timeline.Impersonation{User: user, Groups: []string{"developers", "testers"}}
		w.add(timeline.Event{Witness: timeline.Impersonator, Kind: timeline.Responded, Request: &atImpersonator})
	}
	atTap.Bearer = &redact.Token{Hash: "account", Issuer: "https://kubernetes", Subject: "system:serviceaccount:x:impersonator", ExpiresAt: noon.Add(time.Hour)}
	atTap.Impersonation = &timeline.Impersonation{User: user, Groups: []string{"developers", "testers"}}
	record.ImpersonatedUser, record.ImpersonatedGroups = user, record.Groups
	record.User, record.Groups = atTap.Bearer.Subject, []string{"system:authenticated"}
}

// watch opens a WebSocket through all witnesses, and returns what ends it.
func (w *writer) watch(path string) (end func()) {
	w.request("GET", path, http.StatusSwitchingProtocols)
	opened := w.line.Events[len(w.line.Events)-4:]
	return func() {
		for _, event := range opened {
			switch event.Witness {
			case timeline.Page:
				event.Kind = timeline.WebSocketClosed
			case timeline.Audit:
				record := *event.Record
				record.Stage, event.Record = "ResponseComplete", &record
			default:
				event.Kind = timeline.Ended
			}
			w.add(event)
		}
	}
}

func (w *writer) last(witness timeline.Witness) *timeline.Request {
	for i := len(w.line.Events) - 1; ; i-- {
		if w.line.Events[i].Witness == witness {
			return w.line.Events[i].Request
		}
	}
}

func (w *writer) page(tab string, kind timeline.Kind, text string) {
	w.add(timeline.Event{Witness: timeline.Page, Kind: kind, Tab: tab, Text: text})
}

func (w *writer) suite(event timeline.Event) {
	event.Witness = timeline.Suite
	w.add(event)
}

func (w *writer) keycloak(kind timeline.Kind, name, client string) {
	w.add(timeline.Event{Witness: timeline.Keycloak, Kind: kind, Identity: &timeline.Identity{Type: name, Client: client, User: userID}})
}

// asserted is the part that the last assertion was made on.
func asserted(line timeline.Timeline) timeline.Timeline {
	all := line.Of(timeline.Suite, timeline.Asserted)
	return line.Until(all[len(all)-1].At)
}

func TestTheHealthyHoldIsWhatItSays(t *testing.T) {
	t.Parallel()
	line := asserted(healthy("token"))
	hold, held := line.Hold()
	if !held {
		t.Fatal("no hold")
	}
	crossed := hold.Of(timeline.Suite, timeline.ExpiryCrossed)
	if len(crossed) != expiries {
		t.Fatalf("it crosses %d expiries", len(crossed))
	}
	if refreshes := hold.Of(timeline.Keycloak, timeline.Refresh); len(refreshes) < expiries {
		t.Errorf("%d refreshes", len(refreshes))
	}
	if ended := hold.Of(timeline.Tap, timeline.Ended); len(ended) != 1 {
		t.Errorf("%d watches end", len(ended))
	}
	if reopened := hold.Of(timeline.Page, timeline.WebSocketOpened); len(reopened) != 1 {
		t.Errorf("%d watches are opened again", len(reopened))
	}
}

// rulesOf are the rules that a healthy hold can keep in an identity mode. Those of
// another course of events are in flows.
func rulesOf(mode string) []string {
	elsewhere := rulesOfFlows()
	return slices.DeleteFunc(judge.Names(), func(name string) bool {
		if slices.Contains(elsewhere, name) {
			return true
		}
		switch name {
		case "own-token-throughout":
			return mode == "native" // the user's token never leaves the dashboard
		case "impersonated-throughout":
			return mode == "token"
		default:
			return false
		}
	})
}

func TestAHealthyHoldKeepsEveryRule(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"token", "proxy", "native"} {
		for _, name := range rulesOf(mode) {
			for _, finding := range check(asserted(healthy(mode)), name) {
				t.Errorf("mode %s: %s: %s %s: %s", mode, finding.Rule, finding.At.Format("15:04:05.000"), finding.Symptom, finding.Text)
			}
		}
	}
}
