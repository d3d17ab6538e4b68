package diagnosis_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline/packed"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
)

// Each was recorded by a self-test that planted the fault of its name.
func TestWhatWasPlantedIsNamedInWhatWasRecorded(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.jsonl.gz")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d were recorded, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".jsonl.gz")
		fault, err := faults.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		seen := diagnosis.Seen{Line: packed.Timeline(t, file), Log: packed.Text(t, strings.Replace(file, ".jsonl.", ".log.", 1))}
		got, found := diagnosis.Diagnose(seen)
		if !found || string(got.Cause) != fault.Cause {
			t.Errorf("%s: named is %q, want %q", name, got.Cause, fault.Cause)
		}
		if len(got.Evidence) == 0 || got.Says == "" || got.Fix == "" {
			t.Errorf("%s: it lacks something: %+v", name, got)
		}
	}
}

func TestNothingIsNamedWhereNothingIsWrong(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"reference-held", "headlamp-0.45.0-held", "headlamp-0.45.0-held-proxy"} {
		line := packed.Timeline(t, filepath.Join("..", "judge", "testdata", name+".jsonl.gz"))
		for _, log := range []string{"", `{"message":"served"}`} {
			if got, found := diagnosis.Diagnose(diagnosis.Seen{Line: line, Log: log}); found {
				t.Errorf("%s: named is %+v", name, got)
			}
		}
	}
}

// kubernetes-sigs/headlamp#4134. What Headlamp logged then is its own words.
func TestARestartIsNamedByWhatHeadlampLogs(t *testing.T) {
	t.Parallel()
	line := packed.Timeline(t, "../judge/testdata/headlamp-0.45.0-restarted.jsonl.gz")
	got, found := diagnosis.Diagnose(diagnosis.Seen{Line: line, Log: `{"level":"error","error":"refreshing token: getting refresh token: key not found","message":"failed to refresh token"}`})
	if !found || got.Cause != diagnosis.RefreshTokenLost {
		t.Errorf("named is %+v", got)
	}
	if got, found := diagnosis.Diagnose(diagnosis.Seen{Line: line}); found {
		t.Errorf("without a log, named is %+v", got)
	}
}
