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
