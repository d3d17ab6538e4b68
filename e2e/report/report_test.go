package report_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/golden"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

const issues = `
- id: kubernetes-sigs/headlamp#3143
  title: It loses the connection
  dashboard: headlamp
  versions: "*"
  scenarios: [session/known, session/fixed]
  symptoms: [lost-connection]
`

// line is a timeline in which a rule was asserted and kept, and more happened.
func line(more ...timeline.Event) timeline.Timeline {
	token := &redact.Token{Hash: "token-1", Issuer: "https://idp", ExpiresAt: noon.Add(10 * time.Second)}
	request := func(url, auditID string) *timeline.Request {
		return &timeline.Request{Method: "GET", URL: url, Status: 200, AuditID: auditID}
	}
	events := []timeline.Event{
		{Witness: timeline.Keycloak, Kind: timeline.Login, Identity: &timeline.Identity{Client: "stand-probe"}},
		{Witness: timeline.Keycloak, Kind: timeline.Login, Identity: &timeline.Identity{Client: "headlamp"}},
		{Witness: timeline.Page, Kind: timeline.Routed, Text: "/c/main"},
		{Witness: timeline.Suite, Kind: timeline.LoggedIn},
		{Witness: timeline.Page, Kind: timeline.Responded, Request: request("https://localhost/clusters/main/api", "")},
		{Witness: timeline.Page, Kind: timeline.Responded, Request: request("https://localhost/config", "")},
		{Witness: timeline.Page, Kind: timeline.WebSocketClosed, Request: request("wss://localhost/clusters/main/api", "")},
		{Witness: timeline.Tap, Kind: timeline.Responded, Request: request("/api", "audit-1")},
		{Witness: timeline.Tap, Kind: timeline.Ended, Request: request("/api", "audit-1")},
		{Witness: timeline.Tap, Kind: timeline.Responded, Request: request("/healthz", "audit-2")},
		{Witness: timeline.Audit, Kind: timeline.Audited, Record: &timeline.Record{AuditID: "audit-1"}},
		{Witness: timeline.Keycloak, Kind: timeline.Refresh, Identity: &timeline.Identity{Client: "headlamp"}},
		{Witness: timeline.Suite, Kind: timeline.ExpiryCrossed, Count: 1, Token: token},
	}
	events = append(events, more...)
	events = append(events, judge.Assertion(judge.Rule{Name: "refreshed", Count: 1}), judge.Assertion(judge.Rule{Name: "no-lost-connection"}))
	for i := range events {
		events[i].At = noon.Add(time.Duration(i) * 1500 * time.Millisecond)
	}
	return timeline.Timeline{
		Header: timeline.Header{Version: timeline.Version, Cluster: "main", Client: "headlamp", Issuer: "https://idp"},
		Events: events,
	}
}

// judged is the report of a run with every verdict in it.
func judged(t *testing.T) report.Report {
	t.Helper()
	recorded, err := judge.ParseIssues([]byte(issues))
	if err != nil {
		t.Fatal(err)
	}
	alert := timeline.Event{Witness: timeline.Page, Kind: timeline.AlertShown, Text: `Lost connection to the cluster. <"&'>`}
	lag := timeline.Event{Witness: timeline.Machine, Kind: timeline.Lagged, Delay: 3 * time.Second}
	run := judge.Run{
		Dashboard: "headlamp", Version: "0.39.0", Mode: "token", Issues: recorded,
		Timelines: map[string]timeline.Timeline{
			"login/passed": line(), "session/fixed": line(), "session/known": line(alert),
			"session/failed":  line(alert, alert, alert, alert, alert, alert, alert, alert),
			"session/blocked": line(alert, lag), "session/stormy": line(slices.Concat(
				[]timeline.Event{{Witness: timeline.Suite, Kind: timeline.HoldBegan}}, storm(20), []timeline.Event{{Witness: timeline.Suite, Kind: timeline.HoldEnded}})...),
		},
	}
	for _, spec := range []judge.Spec{
		{ID: "session/known", State: judge.SpecFailed},
		{ID: "login/passed", State: judge.SpecPassed, Sources: []string{"mission", "kubernetes-sigs/headlamp#4246"}, Features: []string{"cookie", "popup"}},
		{ID: "session/fixed", State: judge.SpecPassed},
		{ID: "session/stormy", State: judge.SpecPassed},
		{ID: "session/failed", State: judge.SpecFailed, Message: "as the matcher says", Evidence: "evidence/session/failed"},
		{ID: "login/no-button", State: judge.SpecFailed, Message: "wait for the Sign In button:\nthe page shows <nothing>\x1b[2J\x00"},
		{ID: "session/masked", State: judge.SpecSkipped, Reason: "3600 s tokens mask it"},
		{ID: "session/blocked", State: judge.SpecFailed},
		{ID: "identity/broken", State: judge.SpecFailed, Blocked: "the environment broke: etcd ended"},
	} {
		spec.Level, spec.Promise, spec.Seconds = judge.Core, "Promise of "+spec.ID+".", 12.3456
		run.Specs = append(run.Specs, spec)
	}
	whole := report.Report{
		Notice: "A notice.", Date: noon, Suite: "development", Dashboard: report.Part{Name: "headlamp", Version: "0.39.0"},
		Stand:    []report.Part{{Name: "keycloak", Version: "26.7.0", Digest: "sha256:" + strings.Repeat("0a", 32)}, {Name: "kube-apiserver", Version: "1.37.2"}},
		Settings: report.Settings{Identity: "token", Lifetime: "30s", Expiries: 3, Filter: "core"}, Reproduce: "headlamp-conformance run", Seconds: 98.7654,
	}
	whole.Costs = report.NewCosts(measured(), 61*time.Second)
	whole.Complete(run, judge.Judge(run))
	return whole
}

func TestTheReportsOfARunWithEveryVerdict(t *testing.T) {
	t.Parallel()
	whole := judged(t)
	for _, verdict := range []judge.Verdict{judge.Passed, judge.Failed, judge.Known, judge.Fixed, judge.Inapplicable, judge.Blocked} {
		if whole.Totals[string(verdict)] == 0 {
			t.Errorf("no scenario is %s", verdict)
		}
	}
	// Twice, for nothing in a report may depend on chance.
	for range 2 {
		dir := t.TempDir()
		if err := whole.Save(dir); err != nil {
			t.Fatal(err)
		}
		if err := whole.SaveJUnit(dir); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{report.FileName, report.JUnitName} {
			content, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			golden.Compare(t, filepath.Join("testdata", name), content)
		}
		var summary bytes.Buffer
		if err := whole.WriteSummary(&summary); err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, filepath.Join("testdata", "summary.txt"), summary.Bytes())
		whole = judged(t)
	}
}

func TestJUnitCountsWhatItHas(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := judged(t).SaveJUnit(dir); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, report.JUnitName))
	if err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Suite struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Failure *struct{} `xml:"failure"`
				Error   *struct{} `xml:"error"`
				Skipped *struct{} `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(content, &suites); err != nil {
		t.Fatal(err)
	}
	failures, errors, skipped := 0, 0, 0
	for _, c := range suites.Suite.Cases {
		if c.Failure != nil {
			failures++
		}
		if c.Error != nil {
			errors++
		}
		if c.Skipped != nil {
			skipped++
		}
	}
	got := []int{suites.Suite.Tests, suites.Suite.Failures, suites.Suite.Errors, suites.Suite.Skipped}
	if want := []int{len(suites.Suite.Cases), failures, errors, skipped}; !reflect.DeepEqual(got, want) || failures == 0 || errors == 0 || skipped == 0 {
		t.Errorf("it says %v and has %v", got, want)
	}
}

func TestLoadReadsWhatSaveWrote(t *testing.T) {
	t.Parallel()
	whole := judged(t)
	dir := t.TempDir()
	if err := whole.Save(dir); err != nil {
		t.Fatal(err)
	}
	got, err := report.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Scenarios) != len(whole.Scenarios) || got.Totals["blocked"] != 2 || got.Seconds != whole.Seconds || !got.Date.Equal(whole.Date) {
		t.Errorf("got %+v", got)
	}
	for i := range got.Scenarios {
		if !reflect.DeepEqual(got.Scenarios[i], whole.Scenarios[i]) {
			t.Errorf("got  %+v\nwant %+v", got.Scenarios[i], whole.Scenarios[i])
		}
	}
}

func TestLoadReadsADirectoryAndTheFileInIt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := judged(t).Save(dir); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, filepath.Join(dir, report.FileName)} {
		if got, err := report.Load(path); err != nil || len(got.Scenarios) == 0 {
			t.Errorf("%s: got %+v, %v", path, got, err)
		}
	}
}

// whole is the content of a report, as a run writes it.
func whole(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", report.FileName))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestLoadAcceptsAFieldThatWasAddedLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, whole(t)+"addedLater: {a: 1}\n")
	if got, err := report.Load(dir); err != nil || len(got.Scenarios) == 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	content := whole(t)
	for name, c := range map[string]struct{ content, says string }{
		"nothing":            {" \n", "it is empty"},
		"no form":            {"a: b\n", "it names no apiVersion and no kind"},
		"garbage":            {"\x00\x01", "it is broken: control characters are not allowed"},
		"a text":             {"nothing but words\n", "it is broken: it is a text, and a report has fields"},
		"a list":             {"- a\n- b\n", "it is broken: it is a list, and a report has fields"},
		"a newer version":    {"apiVersion: headlamp-conformance/v2\nkind: ConformanceReport\nscenarios: {a: b}\n", `of "headlamp-conformance/v2", and this program reads headlamp-conformance/v1alpha1: take the version`},
		"another's report":   {"apiVersion: v1\nkind: ConfigMap\n", `it is a "ConfigMap" of "v1", and no ConformanceReport`},
		"wrong types":        {"apiVersion: " + report.APIVersion + "\nkind: " + report.Kind + "\nscenarios: {a: b}\n", "it is broken: scenarios is a mapping, which it is in no report"},
		"words for a number": {strings.Replace(content, "seconds: 98.7654", "seconds: many", 1), "it is broken: seconds is a text"},
		"no date":            {strings.Replace(content, `date: "2026-01-02T12:00:00Z"`, "date: today", 1), "it is broken: "},
		"hardly anything":    {"apiVersion: " + report.APIVersion + "\nkind: " + report.Kind + "\n", "settings.identity is missing"},
		"no totals":          {content[:strings.Index(content, "totals:")], "totals is missing"},
		"one total less":     {strings.Replace(content, "totals:\n  blocked: 2\n", "totals:\n", 1), "totals say 0 blocked, and there are 2"},
		"a scenario twice":   {strings.Replace(content, "id: session/known", "id: session/fixed", 1), `"session/fixed" is there twice`},
		"no id":              {strings.Replace(content, "id: session/known", "id: \"\"", 1), "has no id"},
		"another verdict":    {strings.Replace(content, "verdict: known", "verdict: lucky", 1), `the verdict "lucky"`},
		"another level":      {strings.Replace(content, "level: core", "level: deep", 1), `the level "deep"`},
	} {
		dir := t.TempDir()
		write(t, dir, c.content)
		if got, err := report.Load(dir); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), dir) ||
			!strings.Contains(err.Error(), "; give a directory") || strings.ContainsAny(err.Error(), "\n") || strings.Contains(err.Error(), "unmarshal") {
			t.Errorf("%s: got %+v, %v; want an error that says %q", name, got, err, c.says)
		}
	}
	if _, err := report.Load(t.TempDir()); err == nil || !strings.Contains(err.Error(), "--report-dir") {
		t.Errorf("an empty directory: %v", err)
	}
}

func TestAReportThatBreaksOffAnywhereIsRefused(t *testing.T) {
	t.Parallel()
	content := whole(t)
	// Between two lines it is good YAML, and in the last ones it is nearly whole.
	// The last line's end is no loss.
	nearlyWhole := len(content) - 60
	for end := range len(content) - 1 {
		if end < nearlyWhole && content[end] != '\n' {
			continue
		}
		if _, err := report.Parse([]byte(content[:end])); err == nil {
			t.Fatalf("%d bytes of %d were read as a whole report", end, len(content))
		}
	}
}

func FuzzParse(f *testing.F) {
	content, err := os.ReadFile(filepath.Join("testdata", report.FileName))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add(content[:len(content)/2])
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		read, err := report.Parse(content)
		if err != nil {
			return
		}
		// What is read can be written and read again.
		dir := t.TempDir()
		if err := read.Save(dir); err != nil {
			t.Fatal(err)
		}
		if _, err := report.Load(dir); err != nil {
			t.Errorf("what was read once is refused: %v", err)
		}
	})
}

func write(t *testing.T, dir, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, report.FileName), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSaveSaysWhereItCouldNotWrite(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	whole := judged(t)
	if err := whole.Save(missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("got %v", err)
	}
	if err := whole.SaveJUnit(missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("got %v", err)
	}
}

func TestCountsOfADamagedTimelineCountWhatIsWhole(t *testing.T) {
	t.Parallel()
	damaged := line()
	for i, event := range damaged.Events {
		stripped := timeline.Event{At: event.At, Witness: event.Witness, Kind: event.Kind}
		if event.Witness == timeline.Audit || event.Kind == timeline.Refresh || event.Witness == timeline.Page {
			damaged.Events[i] = stripped
		}
	}
	run := judge.Run{Specs: []judge.Spec{{ID: "a/b", State: judge.SpecPassed}}, Timelines: map[string]timeline.Timeline{"a/b": damaged}}
	var whole report.Report
	whole.Complete(run, judge.Judge(run))
	if got, want := whole.Scenarios[0].Counts, (report.Counts{Logins: 1, Expiries: 1, Tap: 2}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTheSentenceSaysWhatBecameOfTheRun(t *testing.T) {
	t.Parallel()
	known := map[string]int{"known": 1, "passed": 2}
	for name, c := range map[string]struct {
		report report.Report
		want   string
	}{
		"conformant":       {report.Report{Conformant: true, AsRecorded: true, Totals: map[string]int{"passed": 3}}, "3 passed: CONFORMANT, as recorded"},
		"of chosen ones":   {report.Report{Conformant: true, AsRecorded: true, Partial: true, Totals: map[string]int{"passed": 1}}, "1 passed: nothing against conformance, of the scenarios that were chosen, as recorded"},
		"known failures":   {report.Report{AsRecorded: true, Totals: known}, "2 passed, 1 known: NOT CONFORMANT, as recorded"},
		"new failures":     {report.Report{Totals: map[string]int{"failed": 1}}, "1 failed: NOT CONFORMANT, not as recorded"},
		"blocked":          {report.Report{Blocked: true, AsRecorded: true, Reason: "etcd ended", Totals: map[string]int{"blocked": 2}}, "2 blocked: NOT JUDGED, blocked (etcd ended)"},
		"known, blocked":   {report.Report{Blocked: true, AsRecorded: true, Totals: map[string]int{"blocked": 1, "known": 1}}, "1 known, 1 blocked: NOT CONFORMANT, blocked"},
		"failed, blocked":  {report.Report{Blocked: true, Totals: map[string]int{"blocked": 1, "failed": 1}}, "1 failed, 1 blocked: NOT CONFORMANT, not as recorded"},
		"nothing happened": {report.Report{Blocked: true, AsRecorded: true, Reason: "no scenario ran"}, "no scenario judged: NOT JUDGED, blocked (no scenario ran)"},
	} {
		c.report.Dashboard = report.Part{Name: "headlamp", Version: "0.39.0"}
		c.report.Settings.Identity = "token"
		if got := c.report.Sentence(); got != "headlamp 0.39.0, identity mode token: "+c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
