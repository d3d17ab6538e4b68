package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
)

// saveReport writes a report in which one scenario ended so, and returns its
// directory.
func saveReport(t *testing.T, version string, verdict judge.Verdict) string {
	t.Helper()
	dir := t.TempDir()
	written := report.Report{
		APIVersion: report.APIVersion, Kind: report.Kind, Date: time.Now(), Suite: "development", Dashboard: report.Part{Name: "headlamp", Version: version},
		Settings: report.Settings{Identity: "token", Lifetime: "30s", Expiries: 3}, Totals: map[string]int{string(verdict): 1},
		Scenarios: []report.Scenario{{ID: "login/popup", Level: judge.Core, Promise: "A promise.", Verdict: verdict}},
	}
	if err := written.Save(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestDiffEndsAsTheReportsDiffer(t *testing.T) {
	t.Parallel()
	passed, failed, blocked := saveReport(t, "0.44.0", judge.Passed), saveReport(t, "0.45.0", judge.Failed), saveReport(t, "0.45.0", judge.Blocked)
	for name, c := range map[string]struct {
		arguments []string
		code      int
		say       string
	}{
		"alike":       {[]string{passed, filepath.Join(passed, report.FileName)}, exitAsRecorded, "0 regressions"},
		"regression":  {[]string{passed, failed}, exitNotRecorded, "login/popup  passed -> failed"},
		"fix":         {[]string{failed, passed}, exitAsRecorded, "1 fix"},
		"not shown":   {[]string{passed, blocked}, exitBlocked, "passed -> blocked"},
		"markdown":    {[]string{passed, failed, "-o", "markdown"}, exitNotRecorded, "| login/popup | core |"},
		"for program": {[]string{passed, failed, "-o", "json"}, exitNotRecorded, `"kind": "ConformanceDiff"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := commandLine{arguments: append([]string{"diff"}, c.arguments...)}.run(t)
			if got.code != c.code || got.stderr != "" {
				t.Errorf("exit code %d, want %d; %s", got.code, c.code, got.stderr)
			}
			contains(t, got.stdout, c.say)
		})
	}
}

func TestDiffNamesEvidenceThatTheReaderCanOpenAlone(t *testing.T) {
	t.Parallel()
	passed, failed, stored := saveReport(t, "0.44.0", judge.Passed), saveReport(t, "0.45.0", judge.Failed), "v0.28.1"
	read, err := report.Load(failed)
	if err != nil {
		t.Fatal(err)
	}
	evidence := filepath.Join(failed, "evidence", "login", "popup")
	read.Scenarios[0].Evidence = "evidence/login/popup"
	if err := errors.Join(read.Save(failed), os.MkdirAll(evidence, 0o755)); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(failed, report.FileName))
	if err != nil {
		t.Fatal(err)
	}
	alone := filepath.Join(t.TempDir(), "main.yaml")
	if err := os.WriteFile(alone, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		before, after string
		says          bool
	}{
		{passed, failed, true}, {passed, filepath.Join(failed, report.FileName), true}, {passed, alone, false},
		{"v0.45.0", stored, false}, {passed, stored, false}, {stored, failed, true},
	} {
		for output, say := range map[string]string{"": "evidence: " + evidence + "\n", "json": `"evidence": "` + evidence + `"`} {
			got := commandLine{arguments: []string{"diff", c.before, c.after, "-o", output}}.run(t)
			if got.code == exitUsage || strings.Contains(got.stdout, say) != c.says || strings.Count(got.stdout, "evidence/") > 1 {
				t.Errorf("diff %s %s -o %q: exit code %d, %s%s", c.before, c.after, output, got.code, got.stdout, got.stderr)
			}
		}
	}
}

func TestMatrixDrawsReportsSideBySide(t *testing.T) {
	t.Parallel()
	passed, failed := saveReport(t, "0.44.0", judge.Passed), saveReport(t, "0.45.0", judge.Failed)
	for output, say := range map[string]string{"": "login/popup  passed ", "markdown": "| login/popup |", "html": "<!doctype html>"} {
		t.Run(output, func(t *testing.T) {
			t.Parallel()
			got := commandLine{arguments: []string{"matrix", passed, failed, "-o", output}}.run(t)
			if got.code != exitAsRecorded || got.stderr != "" {
				t.Errorf("exit code %d; %s", got.code, got.stderr)
			}
			contains(t, got.stdout, say)
		})
	}
}

func TestDiffRefusesAReportThatIsNone(t *testing.T) {
	t.Parallel()
	good := saveReport(t, "0.44.0", judge.Passed)
	content, err := os.ReadFile(filepath.Join(good, report.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"truncated": content[:len(content)/2],
		"garbage":   []byte("\x00\xff"),
		"foreign":   []byte("apiVersion: v1\nkind: ConfigMap\n"),
		"newer":     []byte("apiVersion: headlamp-conformance/v9\nkind: ConformanceReport\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "report.yaml")
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			got := commandLine{arguments: []string{"diff", path, good}}.run(t)
			if got.code != exitUsage || got.stdout != "" {
				t.Errorf("exit code %d; it said %q", got.code, got.stdout)
			}
			contains(t, got.stderr, "headlamp-conformance: read the report "+path)
		})
	}
}
