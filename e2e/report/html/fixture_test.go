package html_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/html"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline/packed"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// hostile is what a page under test could have the report say.
const hostile = `</title><script>alert("1")</script><img src=x onerror=alert(2)>"'`

const issues = `
- id: kubernetes-sigs/headlamp#4134
  title: Refresh tokens live in the memory of one process
  dashboard: headlamp
  versions: "<= 0.45.0"
  scenarios: [session/known]
  symptoms: [lost-connection]
- id: found/other
  title: Another one
  dashboard: headlamp
  versions: "*"
  scenarios: [session/other]
  symptoms: [crashed]
  evidence: what was seen
  reproduction: Click twice.
`

// line is a timeline with something in every lane.
func line() timeline.Timeline {
	held := func(number string, from int) *redact.Token {
		return &redact.Token{
			Hash: "token-" + number, Issuer: "https://idp", IssuedAt: noon.Add(time.Duration(from) * time.Second),
			ExpiresAt: noon.Add(time.Duration(from+10) * time.Second),
		}
	}
	asked := func(status int, failure string) *timeline.Request {
		return &timeline.Request{ID: "r", Method: "GET", URL: "https://localhost:1/clusters/main/api/v1/pods", Status: status, Error: failure}
	}
	lookedUp := func(user, as string, code int) *timeline.Record {
		return &timeline.Record{User: user, ImpersonatedUser: as, Verb: "list", URI: "/api/v1/pods", Code: code}
	}
	identity := func(kind, client, failure string) *timeline.Identity {
		return &timeline.Identity{Type: kind, Client: client, Error: failure}
	}
	events := []timeline.Event{
		{Witness: timeline.Keycloak, Kind: timeline.Login, Identity: identity("LOGIN", "stand-probe", "")},
		{Witness: timeline.Page, Kind: timeline.Routed, Tab: "tab-1", Text: "/"},
		{Witness: timeline.Keycloak, Kind: timeline.Login, Identity: identity("LOGIN", "headlamp", "")},
		{Witness: timeline.Page, Kind: timeline.Routed, Tab: "tab-1", Text: "/c/main"},
		{Witness: timeline.Suite, Kind: timeline.LoggedIn, Tab: "tab-1"},
		{Witness: timeline.Suite, Kind: timeline.HoldBegan, Tab: "tab-1"},
		{Witness: timeline.Suite, Kind: timeline.Pictured, Tab: "tab-1", Text: "tab-1-film-01.jpg"},
		{Witness: timeline.Page, Kind: timeline.WebSocketOpened, Tab: "tab-1", Request: asked(101, "")},
		{Witness: timeline.Page, Kind: timeline.Responded, Tab: "tab-1", Request: asked(200, "")},
		{Witness: timeline.Tap, Kind: timeline.Responded, Request: &timeline.Request{URL: "/api", Status: 200, Bearer: held("1", 2)}},
		{Witness: timeline.Audit, Kind: timeline.Audited, Record: lookedUp("ada", "", 200)},
		{Witness: timeline.Keycloak, Kind: timeline.Refresh, Identity: identity("REFRESH_TOKEN", "headlamp", "")},
		{Witness: timeline.Tap, Kind: timeline.Responded, Request: &timeline.Request{URL: "/api", Status: 200, Bearer: held("2", 10)}},
		{Witness: timeline.Suite, Kind: timeline.ExpiryCrossed, Count: 1, Token: held("1", 2)},
		{Witness: timeline.Suite, Kind: timeline.Acted, Text: timeline.DashboardRestarted},
		{Witness: timeline.Page, Kind: timeline.Responded, Tab: "tab-1", Request: asked(401, "")},
		{Witness: timeline.Page, Kind: timeline.Failed, Tab: "tab-1", Request: asked(0, "net::ERR_FAILED")},
		{Witness: timeline.Page, Kind: timeline.Failed, Tab: "tab-1", Request: asked(0, "canceled by the page")},
		{Witness: timeline.Audit, Kind: timeline.Audited, Record: lookedUp("impersonator", "ada", 403)},
		{Witness: timeline.Keycloak, Kind: timeline.RefreshError, Identity: identity("REFRESH_TOKEN_ERROR", "headlamp", "invalid_token")},
		{Witness: timeline.Page, Kind: timeline.AlertShown, Tab: "tab-1", Text: "Lost connection " + hostile},
		{Witness: timeline.Page, Kind: timeline.WebSocketClosed, Tab: "tab-1", Request: asked(101, "")},
		{Witness: timeline.Page, Kind: timeline.Console, Tab: "tab-1", Level: "error", Text: hostile},
		{Witness: timeline.Machine, Kind: timeline.Lagged, Delay: time.Second},
		{Witness: timeline.Page, Kind: timeline.AlertHidden, Tab: "tab-1", Text: "Lost connection " + hostile},
		{Witness: timeline.Suite, Kind: timeline.HoldEnded, Tab: "tab-1", Text: "expiries crossed"},
		{Witness: timeline.Suite, Kind: timeline.Pictured, Tab: "tab-1", Text: "tab-1.png"},
		{Witness: timeline.Page, Kind: timeline.Responded}, // of a timeline that is damaged
	}
	for i := range events {
		events[i].At = noon.Add(time.Duration(i) * time.Second)
	}
	events[0].At = noon.Add(-time.Hour) // the stand's own
	return timeline.Timeline{
		Header: timeline.Header{Version: timeline.Version, Cluster: "main", Client: "headlamp", Issuer: "https://idp"}, Events: events,
	}
}

// written is what a page is made of: a scenario of each verdict.
func written(t *testing.T) html.Input {
	t.Helper()
	recorded, err := judge.ParseIssues([]byte(issues))
	if err != nil {
		t.Fatal(err)
	}
	lost := judge.Finding{Rule: "no-lost-connection", Symptom: judge.LostConnection, At: noon.Add(19 * time.Second), Text: hostile}
	never := judge.Finding{Rule: "refreshed", Symptom: "added-later", Text: "it was never seen"}
	many := []judge.Finding{never}
	for range 9 {
		many = append(many, lost)
	}
	input := html.Input{
		Issues: recorded, Timelines: map[string]timeline.Timeline{},
		Evidence: map[string][]string{"session/failed": {"tab-1-film-01.jpg", "tab-1.png", "tab-2.png", "timeline.jsonl", hostile}},
		Report: report.Report{
			Date: noon, Suite: "development", Dashboard: report.Part{Name: "headlamp", Version: hostile},
			Stand:    []report.Part{{Name: "keycloak", Version: "26.7.0"}},
			Settings: report.Settings{Identity: "token", Lifetime: "30s", Expiries: 3, Filter: `a || "b"`}, Seconds: 98.7,
			Reproduce: `headlamp-conformance run --identity token --label-filter "a || b"`, Totals: map[string]int{},
		},
	}
	for _, scenario := range []report.Scenario{
		{ID: "login/passed", Verdict: judge.Passed},
		{ID: "session/blocked", Verdict: judge.Blocked, Reason: "the machine stood still for 2.1 s", Findings: []judge.Finding{lost}},
		{ID: "session/failed", Verdict: judge.Failed, Reason: never.Text, Findings: many, Evidence: "evidence/session/failed", Sources: []string{"mission", "kubernetes-sigs/headlamp#3143"}},
		{ID: "session/fixed", Verdict: judge.Fixed, Level: judge.Extended, Issue: "found/other", Reason: "recorded as failing, and it passed"},
		{ID: "session/inapplicable", Verdict: judge.Inapplicable, Level: judge.Setup, Reason: "3600 s tokens mask it"},
		{
			ID: "session/known", Verdict: judge.Known, Level: judge.Extended, Findings: []judge.Finding{lost}, Issue: "kubernetes-sigs/headlamp#4134",
			Diagnosis: &diagnosis.Diagnosis{Cause: diagnosis.RefreshTokenLost, Says: "The token is lost.", Evidence: []string{"12:00:19.000 " + hostile}, Fix: "Log in again."},
		},
	} {
		if scenario.Level == "" {
			scenario.Level = judge.Core
		}
		scenario.Promise, scenario.Seconds = "Promise of "+scenario.ID+" & others.", 12.34
		input.Report.Totals[string(scenario.Verdict)]++
		input.Report.Scenarios = append(input.Report.Scenarios, scenario)
	}
	input.Timelines["session/failed"] = line()
	return input
}

// recordedLine is a timeline that a run has recorded, as the judge's tests keep it.
func recordedLine(t *testing.T, name string) timeline.Timeline {
	t.Helper()
	return packed.Timeline(t, filepath.Join("..", "..", "judge", "testdata", name+".jsonl.gz"))
}
