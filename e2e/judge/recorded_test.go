package judge_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline/packed"
)

// What a change of a rule makes of real holds: the conformant ones stay so, and
// the one whose dashboard was restarted while it was held fails as it did.
func TestRecordedHoldsAreJudgedAsTheyWere(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]judge.Symptom{
		"reference-held":             nil,
		"headlamp-0.45.0-held":       nil,
		"headlamp-0.45.0-held-proxy": nil,
		// kubernetes-sigs/headlamp#4134
		"headlamp-0.45.0-restarted": {judge.LostConnection, judge.NotRefreshed, judge.NotServed, judge.PageNotAlive, judge.Unauthorized},
	} {
		findings, asserted, err := judge.Replay(packed.Timeline(t, filepath.Join("testdata", name+".jsonl.gz")))
		if err != nil || asserted != 8 {
			t.Errorf("%s: %d asserted, %v", name, asserted, err)
		}
		var symptoms []judge.Symptom
		for _, finding := range findings {
			symptoms = append(symptoms, finding.Symptom)
		}
		slices.Sort(symptoms)
		if got := slices.Compact(symptoms); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v: %v", name, got, want, findings)
		}
	}
}
