package judge_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// What looks like a fault and is none must break no rule.
func TestHarmlessThingsBreakNoRule(t *testing.T) {
	t.Parallel()
	alert := func(text, level string) timeline.Event {
		return timeline.Event{Witness: timeline.Page, Kind: timeline.AlertShown, Tab: tab, Text: text, Level: level}
	}
	for name, change := range map[string]func(*timeline.Timeline){
		"a request that the page gave up":         among(poll(timeline.Page), failed(0, "canceled by the page")),
		"a request that the browser gave up":      among(poll(timeline.Front), failed(0, "canceled by the client")),
		"a request that the dashboard gave up":    all(among(poll(timeline.Tap), failed(0, "canceled by the client")), record(func(r *timeline.Record) { r.Code = 0 })),
		"one that never reached the audit log":    all(among(poll(timeline.Tap), failed(0, "canceled by the client")), without(nth(6, healthRecord))),
		"a denied request, escaped differently":   among(is(timeline.Front, timeline.Responded), escapedSecrets),
		"too many requests":                       everywhere(status(http.StatusTooManyRequests)),
		"nothing modified":                        everywhere(status(http.StatusNotModified)),
		"an alert that nobody could see":          during(alert("Lost connection to the cluster.", "hidden")),
		"an alert about something else":           during(alert("Failed to load the logs.", "")),
		"a refused login of somebody else":        during(storedByKeycloak(timeline.LoginError, "stand-probe")),
		"a refused refresh of somebody else":      during(storedByKeycloak(timeline.RefreshError, "stand-probe")),
		"another tab that goes elsewhere":         during(routed(window, "/c/main/login")),
		"a login's window after the reload":       afterReload(routed(window, "/c/main/login")),
		"a detour after the reload":               afterReload(routed(tab, "/c/main/pods/default/token")),
		"a visit that ends without a slash":       among(nth(3, homeOfTheTab), text("/c/main")),
		"the cluster's page without a slash":      during(routed(tab, "/c/main")),
		"a page below":                            during(routed(tab, "/c/main/pods/default/login")),
		"a token that expired on its way":         among(poll(timeline.Tap), expiredFor(900*time.Millisecond)),
		"groups in another order":                 identified(user, "system:authenticated", "testers", "developers"),
		"a group told twice":                      identified(user, "system:authenticated", "testers", "developers", "testers"),
		"an object just in time":                  among(func(e timeline.Event) bool { return e.Text == "alive-2" && e.Kind == timeline.ObjectSeen }, later(14800*time.Millisecond)),
		"a 401 on the way to Keycloak":            during(responded(timeline.Page, "https://127.0.0.1:8443/realms/r/account", http.StatusUnauthorized)),
		"a 500 beside the cluster":                during(responded(timeline.Front, "/plugins", http.StatusInternalServerError)),
		"a request of the login's that ends late": among(nth(0, deniedAtPage), later(4*time.Second)),
		"one that reaches the tap late":           among(nth(0, is(timeline.Tap, timeline.Responded)), later(4*time.Second)),
		"a request sent twice under one Audit-ID": sentTwice,
		"a second tab that is held":               heldInAnotherTab("alive-1", "alive-2", "alive-3"),
		"a watch that goes on":                    without(func(e timeline.Event) bool { return e.Kind == timeline.Ended || e.Kind == timeline.WebSocketClosed }),
		"a token without a time of issue":         among(is(timeline.Suite, timeline.ExpiryCrossed), withoutIssue),
		"a machine that stood still":              during(timeline.Event{Witness: timeline.Machine, Kind: timeline.Lagged, Delay: time.Minute}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := healthy("token")
			change(&line)
			line.Sort()
			for _, rule := range rulesOf("token") {
				for _, finding := range check(asserted(line), rule) {
					t.Errorf("%s: %s: %s", finding.Rule, finding.Symptom, finding.Text)
				}
			}
		})
	}
}

// homeOfTheTab fits the overview: before the login, after it, after the reload,
// and after the way to the namespaces.
func homeOfTheTab(e timeline.Event) bool { return routesOfTheTab(e) && e.Text == "/c/main/" }

func healthRecord(e timeline.Event) bool { return e.Record != nil && e.Record.URI == "/healthz" }

func escapedSecrets(e *timeline.Event) {
	e.Request.URL = strings.ReplaceAll(e.Request.URL, "secrets", "%73ecrets")
}

func deniedAtPage(e timeline.Event) bool {
	return e.Witness == timeline.Page && e.Request != nil && e.Request.Status == http.StatusForbidden
}

func later(by time.Duration) func(*timeline.Event) {
	return func(e *timeline.Event) { e.At = e.At.Add(by) }
}

func expiredFor(by time.Duration) func(*timeline.Event) {
	return func(e *timeline.Event) {
		token := *e.Request.Bearer
		token.ExpiresAt = e.Request.Began.Add(-by)
		e.Request.Bearer = &token
	}
}

func withoutIssue(e *timeline.Event) {
	token := *e.Token
	token.IssuedAt = time.Time{}
	e.Token = &token
}

func responded(by timeline.Witness, address string, status int) timeline.Event {
	return timeline.Event{Witness: by, Kind: timeline.Responded, Request: &timeline.Request{Method: "GET", URL: address, Status: status}}
}

// sentTwice is what an HTTP client does whose kept connection had just been
// closed.
func sentTwice(line *timeline.Timeline) {
	again := append(line.Select(poll(timeline.Tap)), line.Select(nth(6, healthRecord))...)
	line.Events = append(line.Events, again...)
}

// A dashboard or an impersonator that may not impersonate is refused; the audit
// log then says who asked, not whom it asked for.
func TestARefusedImpersonationIsNoDisagreement(t *testing.T) {
	t.Parallel()
	line := healthy("native")
	refuse := all(among(poll(timeline.Tap), status(http.StatusForbidden)), record(func(r *timeline.Record) {
		r.Code, r.ImpersonatedUser, r.ImpersonatedGroups = http.StatusForbidden, "", nil
	}))
	refuse(&line)
	if findings := check(asserted(line), "witnesses-agree"); len(findings) != 0 {
		t.Errorf("got %v", findings)
	}
}

// In the modes with impersonation the tap's credential is not the user's.
func TestImpersonatedRequestsAreTheUsers(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"proxy", "native"} {
		line := healthy(mode)
		record(func(r *timeline.Record) { r.ImpersonatedUser = "boss" })(&line)
		if findings := check(asserted(line), "witnesses-agree"); len(findings) != 1 || findings[0].Symptom != judge.WitnessesDiffer {
			t.Errorf("%s: another user in the audit log: %v", mode, findings)
		}
		line = healthy(mode)
		unserved(2, afterExpiry)(&line)
		if findings := check(asserted(line), "served-around-expiry"); len(findings) == 0 {
			t.Errorf("%s: nothing succeeds after expiry 2, and the rule is kept", mode)
		}
	}
}

// Only the user's own token must not go out beside the impersonator's.
func TestAStrangersTokenBesideTheCredentialIsNotTheUsers(t *testing.T) {
	t.Parallel()
	line := healthy("proxy")
	asking(func(r *timeline.Request) { r.Beside = []redact.Token{{Hash: "stranger", Issuer: "https://elsewhere"}} })(&line)
	if findings := check(asserted(line), "impersonated-throughout"); len(findings) != 0 {
		t.Errorf("got %v", findings)
	}
}

// In the mode proxy the user's token ends at the impersonator: there it has to
// be the user's own.
func TestInProxyModeTheTokenIsJudgedAtTheImpersonator(t *testing.T) {
	t.Parallel()
	line := healthy("proxy")
	among(nth(9, is(timeline.Impersonator, timeline.Responded)), func(e *timeline.Event) {
		e.Request.Bearer = &redact.Token{Issuer: "https://kubernetes", Subject: "account"}
	})(&line)
	if findings := check(asserted(line), "own-token-throughout"); len(findings) != 1 || findings[0].Symptom != judge.WrongCredential {
		t.Errorf("another's token: %v", findings)
	}
	line = healthy("proxy")
	without(is(timeline.Impersonator, timeline.Responded))(&line)
	if findings := check(asserted(line), "own-token-throughout"); len(findings) != 1 || findings[0].Symptom != judge.NothingSeen {
		t.Errorf("an impersonator that saw nothing: %v", findings)
	}
}
