package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

// saveKilledRun saves what a run leaves that was killed before any scenario
// ended.
func saveKilledRun(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	resolved := stand.Settings{Dashboard: dashboard.Source{Name: dashboard.Headlamp, Version: "0.45.0"}, Identity: "token", Lifetime: 30 * time.Second, Expiries: 3}
	saved := newSavedRun(resolved, conformance.Once(conformance.Catalogue(), conformance.Token), time.Now())
	saved.Broken = "the run was killed"
	if err := saved.save(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestWhatNoRunHasWrittenIsNotJudged(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(filepath.Join(saveKilledRun(t), savedRunFile))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"empty":             "",
		"garbage":           "\x00\xff not JSON",
		"truncated":         string(whole[:len(whole)/2]),
		"another program":   `{"name": "left-pad", "version": "1.0.0"}`,
		"nothing":           `{}`,
		"a list":            `[]`,
		"null":              `null`,
		"another's planned": `{"planned": "tomorrow"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, savedRunFile), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			refusedToJudge(t, dir)
		})
	}
	t.Run("a foreign directory", func(t *testing.T) {
		t.Parallel()
		refusedToJudge(t, put(t, "thesis.tex"))
	})
	t.Run("a missing directory", func(t *testing.T) {
		t.Parallel()
		refusedToJudge(t, filepath.Join(t.TempDir(), "missing"))
	})
	t.Run("a file", func(t *testing.T) {
		t.Parallel()
		refusedToJudge(t, filepath.Join(put(t, "file"), "file"))
	})
}

// refusedToJudge judges a directory, and checks that nothing was written to it.
func refusedToJudge(t *testing.T, dir string) {
	t.Helper()
	before, _ := os.ReadDir(dir)
	got := commandLine{arguments: []string{"judge", dir}}.run(t)
	if got.code != exitUsage {
		t.Errorf("exit code %d; it said %q %q", got.code, got.stdout, got.stderr)
	}
	contains(t, got.stderr, "headlamp-conformance: ", "run's record", dir)
	after, _ := os.ReadDir(dir)
	if len(after) != len(before) {
		t.Errorf("it wrote into the directory: %v", after)
	}
}

func TestGarbageInTheEvidenceIsNamed(t *testing.T) {
	t.Parallel()
	// Without its outcome a scenario cannot be told from one that never ran;
	// without its timeline it is blocked, and the others are judged all the same.
	for name, code := range map[string]int{conformance.SpecFile: exitUsage, "timeline.jsonl": exitBlocked} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := saveKilledRun(t)
			evidence := filepath.Join(dir, "evidence", "login", "popup")
			if err := os.MkdirAll(evidence, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(evidence, name), []byte(`{"id": "login/po`), 0o600); err != nil {
				t.Fatal(err)
			}
			got := commandLine{arguments: []string{"judge", dir}}.run(t)
			if got.code != code {
				t.Errorf("exit code %d, %q", got.code, got.stdout)
			}
			contains(t, got.stdout+got.stderr, evidence)
		})
	}
}

func TestAKilledRunIsBlockedWhenItIsJudged(t *testing.T) {
	t.Parallel()
	dir := saveKilledRun(t)
	got := commandLine{arguments: []string{"judge", dir}}.run(t)
	if got.code != exitBlocked || got.stderr != "" {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
	contains(t, got.stdout, "blocked", "the run was killed")
	for _, name := range []string{"conformance.yaml", "junit.xml", "index.html"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	keepsTheSchema(t, dir)
}

// keepsTheSchema checks a report that the command has written by the schema that
// is published.
func keepsTheSchema(t *testing.T, dir string) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join("..", "..", "..", "docs", "conformance.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, report.FileName))
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := yaml.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(document); err != nil {
		t.Error(err)
	}
}

func FuzzLoadSavedRun(f *testing.F) {
	whole, err := json.Marshal(newSavedRun(stand.Settings{}, conformance.Once(conformance.Catalogue(), conformance.Token), time.Time{}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"planned":[{"key":"../../etc"}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, savedRunFile), content, 0o600); err != nil {
			t.Fatal(err)
		}
		saved, err := loadSavedRun(dir)
		if err != nil {
			return
		}
		_, _ = saved.judgeable(dir, nil)
	})
}
