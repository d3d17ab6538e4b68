package html_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/golden"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/html"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// embedded is what has files of its own: the golden page leaves it out.
var embedded = regexp.MustCompile(`(?s)<style>.*?</style>|<script>.*?</script>|&#39;sha256-.*?&#39;`)

func render(t *testing.T, input html.Input) string {
	t.Helper()
	content, err := html.Render(input)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestThePageOfARunWithEveryVerdict(t *testing.T) {
	t.Parallel()
	// Twice, for nothing in a page may depend on chance.
	for range 2 {
		got := []byte(embedded.ReplaceAllString(render(t, written(t)), "…"))
		golden.Compare(t, filepath.Join("testdata", html.FileName), got)
	}
}

func TestWhatAPageUnderTestSaysIsTextAlone(t *testing.T) {
	t.Parallel()
	got := embedded.ReplaceAllString(render(t, written(t)), "…")
	for _, markup := range []string{"<script", "<img", "onerror=alert(2)>"} {
		if strings.Contains(got, markup) {
			t.Errorf("the page has %s", markup)
		}
	}
	if !strings.Contains(got, "&lt;script&gt;") {
		t.Error("what was said is not there at all")
	}
}

func TestThePageNeedsNoOtherFile(t *testing.T) {
	t.Parallel()
	got := render(t, written(t))
	for _, outside := range []string{"<link rel=\"stylesheet", "<script src", "@import", "url(http"} {
		if strings.Contains(got, outside) {
			t.Errorf("the page has %s", outside)
		}
	}
}

func TestAPageSaysWhatToDo(t *testing.T) {
	t.Parallel()
	got := render(t, written(t))
	for _, say := range []string{
		"NOT CONFORMANT", "6 failed", "The page said that it had lost the connection.", "Added later.", "… and 3 more in",
		`href="https://github.com/kubernetes-sigs/headlamp/issues/4134"`, "Refresh tokens live in the memory of one process",
		"headlamp-conformance run --identity token --label-filter session/failed", `href="evidence/session/failed/timeline.jsonl"`,
		"Click twice.", "the machine stood still for 2.1 s", "3600 s tokens mask it", "invalid_token", "dashboard-restarted", "impersonated by impersonator",
		"token 2 (token-2) is good until 12:00:20.000",
	} {
		if say == "6 failed" {
			say = "<b>1</b> failed"
		}
		if !strings.Contains(got, say) {
			t.Errorf("the page does not say %q", say)
		}
	}
}

func TestAPageOfAFullRunIsSmall(t *testing.T) {
	t.Parallel()
	held := recordedLine(t, "headlamp-0.45.0-restarted")
	findings, _, err := judge.Replay(held)
	if err != nil {
		t.Fatal(err)
	}
	input := written(t)
	for i := range 100 {
		id := fmt.Sprintf("session/number-%d", i)
		input.Report.Scenarios = append(input.Report.Scenarios, report.Scenario{ID: id, Verdict: judge.Failed, Findings: findings})
		input.Timelines[id] = held
	}
	// One that never stopped asking.
	loop := line()
	for i := range 200_000 {
		loop.Events = append(loop.Events, timeline.Event{
			At: noon.Add(time.Duration(i) * time.Millisecond), Witness: timeline.Page, Kind: timeline.Responded, Tab: "tab-1",
			Request: &timeline.Request{ID: fmt.Sprint(i), Method: "GET", URL: "https://localhost/clusters/main/api", Status: 200 + 100*(i%4)},
		})
	}
	input.Timelines["session/failed"] = loop
	got := render(t, input)
	if len(got) > 5_000_000 {
		t.Errorf("it has %d bytes", len(got))
	}
	if !strings.Contains(got, "and 1") || !strings.Contains(got, "more") {
		t.Error("marks beside each other are not drawn as one")
	}
}

func TestSaveWritesBesideTheReportAndLinksTheEvidence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	input := written(t)
	evidence := filepath.Join(dir, "evidence", "session", "failed")
	if err := os.MkdirAll(filepath.Join(evidence, "directory"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(evidence, "tap #1.jsonl"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := html.Save(dir, input); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, html.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(content, []byte(`href="evidence/session/failed/tap%20%231.jsonl"`)) {
		t.Error("the evidence is not linked")
	}
	missing := filepath.Join(dir, "missing")
	if err := html.Save(missing, html.Input{}); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("got %v", err)
	}
}

func TestADamagedTimelineIsDrawnAsFarAsItGoes(t *testing.T) {
	t.Parallel()
	for name, damaged := range map[string]timeline.Timeline{
		"empty":    {},
		"one":      {Events: []timeline.Event{{At: noon, Witness: timeline.Suite, Kind: timeline.LoggedIn}}},
		"no times": {Events: []timeline.Event{{Witness: timeline.Suite, Kind: timeline.LoggedIn}}},
		"years": {Events: []timeline.Event{
			{At: noon, Witness: timeline.Suite, Kind: timeline.HoldBegan}, {At: noon.AddDate(200, 0, 0), Witness: timeline.Suite, Kind: timeline.LoggedIn},
		}},
		"an end alone": {Events: []timeline.Event{{At: noon, Witness: timeline.Suite, Kind: timeline.HoldEnded}}},
	} {
		input := written(t)
		input.Timelines["session/failed"] = damaged
		if got := render(t, input); len(got) > 1_000_000 {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
}

// Any witness may tell of anything, and a kind that is new here may lack any
// part.
func TestEveryWitnessMayTellEverything(t *testing.T) {
	t.Parallel()
	kinds := []timeline.Kind{"added-later"}
	for _, event := range line().Events {
		kinds = append(kinds, event.Kind)
	}
	kinds = append(kinds, timeline.SessionsLeft, timeline.TokenExposed, timeline.CookieKept, timeline.WhoAmI, timeline.Forged, timeline.Attempted, timeline.Crashed)
	witnesses := []timeline.Witness{
		timeline.Page, timeline.Front, timeline.Keycloak, timeline.Impersonator, timeline.Tap, timeline.Audit, timeline.Suite, timeline.Machine, "added-later",
	}
	var all timeline.Timeline
	for _, whole := range []timeline.Event{
		{},
		{Request: &timeline.Request{}, Record: &timeline.Record{}, Identity: &timeline.Identity{}, Identified: &timeline.Identified{}, Cookie: &timeline.Cookie{}},
	} {
		for _, witness := range witnesses {
			for _, kind := range kinds {
				whole.At, whole.Witness, whole.Kind = noon.Add(time.Duration(len(all.Events))*time.Second), witness, kind
				all.Events = append(all.Events, whole)
			}
		}
	}
	input := written(t)
	input.Timelines["session/failed"] = all
	render(t, input)
}

func FuzzRender(f *testing.F) {
	f.Add(hostile, "evidence/a", int64(1))
	f.Fuzz(func(t *testing.T, text, path string, nanoseconds int64) {
		damaged := line()
		for i := range damaged.Events {
			damaged.Events[i].Text = text
			if i%3 == 0 {
				damaged.Events[i].At = noon.Add(time.Duration(nanoseconds) * time.Duration(i))
			}
		}
		input := html.Input{
			Report:    report.Report{Scenarios: []report.Scenario{{ID: text, Promise: text, Reason: text, Evidence: path, Verdict: judge.Verdict(text)}}},
			Timelines: map[string]timeline.Timeline{text: damaged}, Evidence: map[string][]string{text: {path, text + ".png"}},
		}
		if _, err := html.Render(input); err != nil {
			t.Error(err)
		}
	})
}
