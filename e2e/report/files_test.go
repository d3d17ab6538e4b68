package report_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
)

func TestTheEvidenceIsListedWithItsHashes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	evidence := filepath.Join(dir, "evidence", "session", "failed")
	if err := os.MkdirAll(filepath.Join(evidence, "deeper"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"timeline.jsonl": "abc", "spec.json": ""} {
		if err := os.WriteFile(filepath.Join(evidence, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written := judged(t)
	if err := written.HashEvidence(dir); err != nil {
		t.Fatal(err)
	}
	want := []report.File{
		{Name: "spec.json", SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		// FIPS 180-2, appendix B.1.
		{Name: "timeline.jsonl", SHA256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	}
	for _, scenario := range written.Scenarios {
		if scenario.ID == "session/failed" && !slices.Equal(scenario.Files, want) {
			t.Errorf("the files are %v", scenario.Files)
		}
		if scenario.ID != "session/failed" && scenario.Files != nil {
			t.Errorf("%s has no evidence, and the files %v", scenario.ID, scenario.Files)
		}
	}
	if err := written.Save(dir); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(dir, report.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, content); err != nil {
		t.Error(err)
	}
}

func TestOnlyEvidenceThatCanBeOpenedIsNamed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	there := filepath.Join(dir, "evidence", "session", "failed")
	if err := os.MkdirAll(there, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "evidence", "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ dir, evidence, want string }{
		"there":               {dir, "evidence/session/failed", there},
		"elsewhere":           {t.TempDir(), "evidence/session/failed", ""},
		"no directory":        {"", "evidence/session/failed", ""},
		"not there":           {dir, "evidence/session/gone", ""},
		"a file":              {dir, "evidence/file", ""},
		"none":                {dir, "", ""},
		"outside":             {dir, "../" + filepath.Base(dir), ""},
		"outside, by its end": {dir, there, ""},
	} {
		of := report.Report{Scenarios: []report.Scenario{{ID: "session/failed", Evidence: c.evidence, Files: []report.File{{Name: "a"}}}}}
		got := of.WithEvidenceIn(c.dir).Scenarios[0]
		if got.Evidence != c.want || (got.Files == nil) != (c.want == "") {
			t.Errorf("%s: got %q with %v, want %q", name, got.Evidence, got.Files, c.want)
		}
		if of.Scenarios[0].Evidence != c.evidence {
			t.Errorf("%s: the report itself was changed", name)
		}
	}
}

func TestAReportsDirectoryIsThatOfItsFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for path, want := range map[string]string{
		dir: dir, filepath.Join(dir, report.FileName): dir, report.FileName: ".",
		filepath.Join(dir, "main.yaml"): "", filepath.Join(dir, "missing"): "",
	} {
		if got := report.Directory(path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}
