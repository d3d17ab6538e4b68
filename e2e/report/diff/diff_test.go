package diff_test

import (
	"bytes"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/golden"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/diff"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// of is a report with these scenarios.
func of(version string, scenarios ...report.Scenario) report.Report {
	made := report.Report{
		APIVersion: report.APIVersion, Kind: report.Kind, Date: noon, Suite: "development", Dashboard: report.Part{Name: "headlamp", Version: version},
		Stand:    []report.Part{{Name: "keycloak", Version: "26.7.0"}},
		Settings: report.Settings{Identity: "token", Lifetime: "30s", Expiries: 3, Procs: 8}, Scenarios: scenarios,
	}
	return made
}

// ended is how a scenario ended.
func ended(id string, verdict judge.Verdict, seconds float64) report.Scenario {
	scenario := report.Scenario{ID: id, Level: judge.Core, Promise: "Promise of " + id + ".", Verdict: verdict, Seconds: seconds, Evidence: "evidence/" + id}
	switch verdict {
	case judge.Failed, judge.Blocked, judge.Inapplicable:
		scenario.Reason = "why " + id + "\nis " + string(verdict)
	case judge.Known:
		scenario.Reason, scenario.Issue = "as recorded", "kubernetes-sigs/headlamp#4134"
	case judge.Passed, judge.Fixed:
	}
	return scenario
}

// everything is a pair of reports with every kind of change between them.
func everything() (before, after report.Report) {
	before = of("0.44.0",
		ended("login/as-before", judge.Passed, 10), ended("login/breaks", judge.Passed, 10), ended("login/breaks-as-recorded", judge.Passed, 10),
		ended("login/repaired", judge.Failed, 10), ended("login/repaired-of-known", judge.Known, 10), ended("login/still-failed", judge.Failed, 10),
		ended("session/blocked-now", judge.Passed, 10), ended("session/gone", judge.Passed, 10), ended("session/masked-now", judge.Passed, 10),
		ended("session/recorded-now", judge.Failed, 10), ended("session/shown-now", judge.Blocked, 10),
		ended("session/slower", judge.Passed, 10), ended("session/hardly-slower", judge.Passed, 10),
	)
	after = of("0.45.0",
		ended("login/as-before", judge.Passed, 11), ended("login/breaks", judge.Failed, 10), ended("login/breaks-as-recorded", judge.Known, 10),
		ended("login/repaired", judge.Passed, 10), ended("login/repaired-of-known", judge.Fixed, 10), ended("login/still-failed", judge.Failed, 10),
		ended("session/blocked-now", judge.Blocked, 10), ended("session/masked-now", judge.Inapplicable, 10), ended("session/new", judge.Failed, 10),
		ended("session/recorded-now", judge.Known, 10), ended("session/shown-now", judge.Failed, 10),
		ended("session/slower", judge.Passed, 31.5), ended("session/hardly-slower", judge.Passed, 19),
	)
	// What a page under test says is text.
	after.Scenarios[1].Reason = "<img src=x> | `a` *b* @somebody \x1b[2J"
	after.Stand = []report.Part{{Name: "keycloak", Version: "26.8.0"}, {Name: "etcd", Version: "3.7.0"}}
	return before, after
}

func TestEveryKindOfChange(t *testing.T) {
	t.Parallel()
	found := diff.Compare(everything())
	for name, write := range map[string]func(diff.Diff, io.Writer) error{
		"diff.txt": diff.Diff.WriteText, "diff.md": diff.Diff.WriteMarkdown, "diff.json": diff.Diff.WriteJSON,
	} {
		var got bytes.Buffer
		if err := write(found, &got); err != nil {
			t.Fatal(err)
		}
		golden.Compare(t, filepath.Join("testdata", name), got.Bytes())
	}
}

func TestWhatCountsAsARegression(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		was, is               judge.Verdict
		regressed, incomplete bool
	}{
		{judge.Passed, judge.Passed, false, false},
		{judge.Passed, judge.Fixed, false, false},
		{judge.Passed, judge.Failed, true, false},
		{judge.Passed, judge.Known, true, false},
		{judge.Fixed, judge.Failed, true, false},
		{judge.Fixed, judge.Known, true, false},
		{judge.Passed, judge.Blocked, false, true},
		{judge.Passed, judge.Inapplicable, false, true},
		{judge.Failed, judge.Blocked, false, true},
		{judge.Failed, judge.Passed, false, false},
		{judge.Known, judge.Fixed, false, false},
		{judge.Known, judge.Failed, false, false},
		{judge.Blocked, judge.Failed, false, false},
		{judge.Blocked, judge.Blocked, false, false},
		{judge.Inapplicable, judge.Passed, false, false},
	} {
		found := diff.Compare(of("1", ended("a/b", c.was, 1)), of("2", ended("a/b", c.is, 1)))
		if found.Regressed() != c.regressed || found.Incomplete() != c.incomplete {
			t.Errorf("%s -> %s: regressed %v, incomplete %v", c.was, c.is, found.Regressed(), found.Incomplete())
		}
	}
}

func TestReportsWithNothingInCommonAreNotAlike(t *testing.T) {
	t.Parallel()
	for name, found := range map[string]diff.Diff{
		"both empty": diff.Compare(of("1"), of("2")),
		"others":     diff.Compare(of("1", ended("a/b", judge.Passed, 1)), of("2", ended("a/c", judge.Passed, 1))),
	} {
		if !found.Incomplete() || !strings.Contains(found.Sentence(), "nothing was compared") {
			t.Errorf("%s: %s", name, found.Sentence())
		}
	}
}

func TestAReportIsNoOtherThanItself(t *testing.T) {
	t.Parallel()
	_, whole := everything()
	found := diff.Compare(whole, whole)
	if found.Regressed() || found.Incomplete() || len(found.Conditions)+len(found.Fixes)+len(found.Slower)+len(found.Otherwise)+len(found.Added)+len(found.Gone) > 0 {
		t.Errorf("got %+v", found)
	}
}

func TestTheConditionsThatDifferAreSaid(t *testing.T) {
	t.Parallel()
	before, after := of("1", ended("a/b", judge.Passed, 10)), of("1", ended("a/b", judge.Passed, 90))
	after.Dashboard.Name, after.Suite = "reference", "2"
	after.Settings = report.Settings{Identity: "proxy", Lifetime: "60s", Expiries: 2, Filter: "core", Procs: 4}
	found := diff.Compare(before, after)
	var text bytes.Buffer
	if err := found.WriteText(&text); err != nil {
		t.Fatal(err)
	}
	for _, say := range []string{"dashboard headlamp -> reference", "identity mode token -> proxy", "lifetime 30s -> 60s", "expiries 3 -> 2", "label filter none -> core", "suite development -> 2"} {
		if !strings.Contains(text.String(), "not the same: "+say+"\n") {
			t.Errorf("it does not say %q: %s", say, &text)
		}
	}
	if len(found.Slower) > 0 {
		t.Error("holds of tokens that live twice as long are called slower")
	}
}

func TestAPartThatOneReportDoesNotNameIsSaidInWords(t *testing.T) {
	t.Parallel()
	with, without, never := of("1", ended("a/b", judge.Passed, 1)), of("2", ended("a/b", judge.Passed, 1)), of("3", ended("a/b", judge.Blocked, 1))
	with.Stand = append(with.Stand, report.Part{Name: "kubelet", Version: "stub"})
	never.Stand = nil
	for name, c := range map[string]struct {
		before, after report.Report
		words         string
		conditions    []diff.Condition
	}{
		"the old one names it": {with, without, "kubelet stub (only the old report names it)", []diff.Condition{{Name: "kubelet", Old: "stub"}}},
		"the new one names it": {without, with, "kubelet stub (only the new report names it)", []diff.Condition{{Name: "kubelet", New: "stub"}}},
		"one never began":      {with, never, "", []diff.Condition{}},
	} {
		found := diff.Compare(c.before, c.after)
		if !slices.Equal(found.Conditions, c.conditions) {
			t.Errorf("%s: got %+v", name, found.Conditions)
		}
		for form, write := range map[string]func(diff.Diff, io.Writer) error{"text": diff.Diff.WriteText, "Markdown": diff.Diff.WriteMarkdown} {
			var got bytes.Buffer
			if err := write(found, &got); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.String(), c.words) || strings.Contains(got.String(), "none") {
				t.Errorf("%s, %s: %s", name, form, &got)
			}
		}
	}
}
