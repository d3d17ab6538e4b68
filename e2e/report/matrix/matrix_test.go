package matrix_test

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/golden"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/matrix"
)

// style has a file of its own: the golden page leaves it out.
var style = regexp.MustCompile(`(?s)<style>.*?</style>|&#39;sha256-.*?&#39;`)

func of(version, identity string, verdicts map[string]judge.Verdict) report.Report {
	made := report.Report{
		Date: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC), Suite: "development", Dashboard: report.Part{Name: "headlamp", Version: version},
		Stand:    []report.Part{{Name: "keycloak", Version: "26.7.0"}},
		Settings: report.Settings{Identity: identity, Lifetime: "30s", Expiries: 3}, Totals: map[string]int{}, AsRecorded: true,
	}
	for _, id := range []string{"login/popup", "session/hold", "session/<b>|x"} {
		verdict, run := verdicts[id]
		if !run {
			continue
		}
		scenario := report.Scenario{ID: id, Level: judge.Core, Promise: "Promise of " + id + ".", Verdict: verdict}
		if verdict == judge.Known {
			scenario.Reason, scenario.Issue = "it broke", "kubernetes-sigs/headlamp#4134"
		}
		made.Totals[string(verdict)]++
		made.Scenarios = append(made.Scenarios, scenario)
	}
	return made
}

func several() []report.Report {
	old := of("0.39.0", "token", map[string]judge.Verdict{"login/popup": judge.Passed, "session/hold": judge.Known})
	current := of("0.45.0", "token", map[string]judge.Verdict{"login/popup": judge.Passed, "session/hold": judge.Passed, "session/<b>|x": judge.Fixed})
	current.Conformant = true
	next := of("0.46.0", "proxy", map[string]judge.Verdict{"login/popup": judge.Failed, "session/hold": judge.Inapplicable})
	next.AsRecorded = false
	reference := of("0.1.0", "token", map[string]judge.Verdict{"session/hold": judge.Blocked})
	reference.Dashboard.Name, reference.Notice, reference.Blocked = "reference", "REFERENCE: <nothing> about Headlamp", true
	return []report.Report{old, current, next, reference}
}

// named gives each report the name of its place.
func named(reports ...report.Report) []matrix.Named {
	var all []matrix.Named
	for i, r := range reports {
		all = append(all, matrix.Named{Name: fmt.Sprintf("./build-%d", i+1), Report: r})
	}
	return all
}

func TestSeveralReportsSideBySide(t *testing.T) {
	t.Parallel()
	table := matrix.Of(named(several()...))
	for name, write := range map[string]func(matrix.Table, io.Writer) error{
		"matrix.txt": matrix.Table.WriteText, "matrix.md": matrix.Table.WriteMarkdown, "matrix.html": matrix.Table.WriteHTML,
	} {
		var written bytes.Buffer
		if err := write(table, &written); err != nil {
			t.Fatal(err)
		}
		got := style.ReplaceAll(written.Bytes(), []byte("…"))
		golden.Compare(t, filepath.Join("testdata", name), got)
	}
}

func TestAColumnSaysOfItsSettingsWhatTellsItApart(t *testing.T) {
	t.Parallel()
	alone := matrix.Of(named(several()[0])).Columns[0]
	if alone.Settings != "" {
		t.Errorf("one report alone says %q of its settings", alone.Settings)
	}
	if got := matrix.Of(named(several()...)).Columns[2].Settings; got != "proxy" {
		t.Errorf("got %q", got)
	}
}

func TestTwoOfTheSameVersionAreToldApartByWhatWasGiven(t *testing.T) {
	t.Parallel()
	core := map[string]judge.Verdict{"login/popup": judge.Passed}
	other := of("0.45.0", "proxy", core)
	table := matrix.Of(named(of("0.45.0", "token", core), of("0.39.0", "token", core), of("0.45.0", "token", core), other))
	var names []string
	for _, column := range table.Columns {
		names = append(names, column.Name)
	}
	if want := []string{"./build-1", "", "./build-3", ""}; !slices.Equal(names, want) {
		t.Errorf("the columns are named %q, want %q", names, want)
	}
	for name, write := range map[string]func(matrix.Table, io.Writer) error{
		"text": matrix.Table.WriteText, "Markdown": matrix.Table.WriteMarkdown, "the page": matrix.Table.WriteHTML,
	} {
		var written bytes.Buffer
		if err := write(table, &written); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(written.String(), "build-1") || !strings.Contains(written.String(), "build-3") {
			t.Errorf("%s does not tell them apart: %s", name, &written)
		}
	}
}

func TestAHeadSaysNoMoreThanItsReport(t *testing.T) {
	t.Parallel()
	core := map[string]judge.Verdict{"login/popup": judge.Passed}
	for want, change := range map[string]func(*report.Report){
		"conformant":                          func(r *report.Report) { r.Conformant = true },
		"conformant, not as recorded":         func(r *report.Report) { r.Conformant, r.AsRecorded = true, false },
		"nothing against it, of those chosen": func(r *report.Report) { r.Conformant, r.Partial = true, true },
		"nothing about it":                    func(r *report.Report) { r.Partial, r.Scenarios = true, nil },
		"not judged, blocked":                 func(r *report.Report) { r.Blocked = true },
		"not conformant, as recorded":         func(*report.Report) {},
		"not conformant, not as recorded":     func(r *report.Report) { r.AsRecorded = false },
	} {
		changed := of("1", "token", core)
		change(&changed)
		if got := matrix.Of(named(changed)).Columns[0].Conformance; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNoTextOfAReportIsMarkup(t *testing.T) {
	t.Parallel()
	reports := several()
	reports[0].Dashboard.Version = `"><script>alert(1)</script>`
	var page bytes.Buffer
	if err := matrix.Of(named(reports...)).WriteHTML(&page); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(page.String(), "<script") || strings.Contains(page.String(), "<b>|x") {
		t.Errorf("the page has markup that a report said: %s", &page)
	}
}

func TestARunThatNeverBeganIsNotToldApartByWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	core := map[string]judge.Verdict{"login/popup": judge.Blocked}
	never := of("0.45.0", "token", core)
	never.Stand = nil
	for i, column := range matrix.Of(named(of("0.39.0", "token", core), never)).Columns {
		if column.Settings != "" {
			t.Errorf("column %d says %q of its settings", i+1, column.Settings)
		}
	}
}

func TestByFeatureATableCountsWhatPassed(t *testing.T) {
	t.Parallel()
	share := func(name string, verdicts map[string]int) report.Share {
		return report.Share{Name: name, Verdicts: verdicts}
	}
	reports := several()[:3]
	reports[0].Features = []report.Share{
		share("refresh", map[string]int{"passed": 3, "fixed": 1, "known": 2, "inapplicable": 5}), share("popup", map[string]int{"passed": 1}),
		share("proxy", map[string]int{"inapplicable": 1}),
	}
	reports[1].Features = []report.Share{share("refresh", map[string]int{"passed": 6, "failed": 1, "blocked": 1})}
	table := matrix.ByFeature(named(reports...))
	var got []string
	for _, row := range table.Groups[0].Rows {
		for _, cell := range row.Cells {
			got = append(got, row.ID+" "+cell.Text+" "+string(cell.Verdict))
		}
	}
	if want := []string{
		"popup 1 of 1 passed", "popup · ", "popup · ", "proxy inapplicable inapplicable", "proxy · ", "proxy · ",
		"refresh 4 of 6 known", "refresh 6 of 8 failed", "refresh · ",
	}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	var text bytes.Buffer
	if err := table.WriteMarkdown(&text); err != nil || !strings.Contains(text.String(), "| feature |") || strings.Contains(text.String(), "Recorded issues") {
		t.Errorf("got %s, %v", text.String(), err)
	}
}
