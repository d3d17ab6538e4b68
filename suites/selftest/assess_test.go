package selftest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	"github.com/headlamp-conformance/headlamp-conformance/suites/selftest"
)

func mustFail(fault string, symptoms ...judge.Symptom) selftest.Run {
	return selftest.Run{Planned: conformance.Planned{Key: fault + "/fails", Fault: fault}, Expect: selftest.MustFail, Symptoms: symptoms}
}

func mustPass(fault string) selftest.Run {
	return selftest.Run{Planned: conformance.Planned{Key: fault + "/passes", Fault: fault}, Expect: selftest.MustPass}
}

func healthy(number int, key string) selftest.Run {
	return selftest.Run{Planned: conformance.Planned{Key: key}, Expect: selftest.MustPass, Healthy: number}
}

func outcome(verdict judge.Verdict, symptoms ...judge.Symptom) *judge.Outcome {
	made := &judge.Outcome{Verdict: verdict, Reason: "the reason"}
	for _, symptom := range symptoms {
		made.Findings = append(made.Findings, judge.Finding{Symptom: symptom})
	}
	return made
}

func TestEachRunIsComparedWithHowItHadToEnd(t *testing.T) {
	t.Parallel()
	both := mustFail("dead", judge.NotRefreshed, judge.Unauthorized)
	for name, c := range map[string]struct {
		run     selftest.Run
		outcome *judge.Outcome // nil: there is none
		why     string         // "" when it ended as it must
		blocked bool
		counted string // caught of planted, alarms of healthy runs
	}{
		"caught":                          {both, outcome(judge.Failed, judge.Unauthorized, judge.NotRefreshed), "", false, "1 of 1, 0 of 0"},
		"caught, with more to it":         {both, outcome(judge.Failed, judge.LostConnection, judge.Unauthorized, judge.NotRefreshed), "", false, "1 of 1, 0 of 0"},
		"caught for half the reason":      {both, outcome(judge.Failed, judge.Unauthorized), "another reason than not-refreshed: the reason", false, "0 of 1, 0 of 0"},
		"caught for another reason":       {both, outcome(judge.Failed, judge.Crashed), "another reason than not-refreshed, unauthorized: the reason", false, "0 of 1, 0 of 0"},
		"got away":                        {both, outcome(judge.Passed), "the fault got away: passed", false, "0 of 1, 0 of 0"},
		"got away as known":               {both, outcome(judge.Known, judge.Unauthorized, judge.NotRefreshed), "the fault got away: known", false, "0 of 1, 0 of 0"},
		"got away as inapplicable":        {both, outcome(judge.Inapplicable), "the fault got away: inapplicable", false, "0 of 1, 0 of 0"},
		"a fault that could not be tried": {both, outcome(judge.Blocked), "blocked: the reason", true, "0 of 1, 0 of 0"},
		"a fault that was never judged":   {both, nil, "never judged", false, "0 of 1, 0 of 0"},

		"a bystander that passed":           {mustPass("dead"), outcome(judge.Passed), "", false, "0 of 0, 0 of 0"},
		"a bystander that failed":           {mustPass("dead"), outcome(judge.Failed, judge.Crashed), "failed, although nothing concerns it: the reason", false, "0 of 0, 0 of 0"},
		"a bystander that was inapplicable": {mustPass("dead"), outcome(judge.Inapplicable), "inapplicable, although", false, "0 of 0, 0 of 0"},
		"a bystander that was blocked":      {mustPass("dead"), outcome(judge.Blocked), "blocked: the reason", true, "0 of 0, 0 of 0"},
		"a bystander that was never judged": {mustPass("dead"), nil, "never judged", false, "0 of 0, 0 of 0"},

		"health":                       {healthy(3, "k"), outcome(judge.Passed), "", false, "0 of 0, 0 of 3"},
		"a false alarm":                {healthy(3, "k"), outcome(judge.Failed, judge.Crashed), "although nothing concerns it", false, "0 of 0, 1 of 3"},
		"a recorded false alarm":       {healthy(3, "k"), outcome(judge.Known, judge.Crashed), "known, although", false, "0 of 0, 1 of 3"},
		"health that was blocked":      {healthy(3, "k"), outcome(judge.Blocked), "blocked: the reason", true, "0 of 0, 0 of 3"},
		"health that was never judged": {healthy(3, "k"), nil, "never judged", false, "0 of 0, 1 of 3"},
	} {
		outcomes := map[string]judge.Outcome{}
		if c.outcome != nil {
			outcomes[c.run.Key] = *c.outcome
		}
		result := selftest.Assess([]selftest.Run{c.run}, outcomes)
		wrong, none := result.Wrong, result.Blocked
		if c.blocked {
			wrong, none = result.Blocked, result.Wrong
		}
		if len(none) > 0 {
			t.Errorf("%s: %+v", name, none)
		}
		if c.why == "" && len(wrong) > 0 {
			t.Errorf("%s: %+v", name, wrong)
		}
		if c.why != "" && (len(wrong) != 1 || wrong[0].Run.Key != c.run.Key || !strings.Contains(wrong[0].Why, c.why)) {
			t.Errorf("%s: %+v", name, wrong)
		}
		if got := fmt.Sprintf("%d of %d, %d of %d", len(result.Planted)-len(result.Escaped), len(result.Planted), len(result.FalseAlarms), result.Healthy); got != c.counted {
			t.Errorf("%s: counted are %s", name, got)
		}
	}
}

func TestADiagnosisThatNamesAnotherCauseLetsTheFaultGetAway(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		named *diagnosis.Diagnosis
		why   string
	}{
		"right": {&diagnosis.Diagnosis{Cause: diagnosis.NoGroups}, ""},
		"wrong": {&diagnosis.Diagnosis{Cause: diagnosis.NoRights}, `is "user-without-rights", and has to be "groups-claim-missing"`},
		"none":  {nil, `is ""`},
	} {
		run := mustFail("planted", judge.Crashed)
		run.Cause = diagnosis.NoGroups
		failed := outcome(judge.Failed, judge.Crashed)
		failed.Diagnosis = c.named
		result := selftest.Assess([]selftest.Run{run}, map[string]judge.Outcome{run.Key: *failed})
		right := c.why == ""
		if result.ToName != 1 || (result.Named == 1) != right || (len(result.Escaped) == 0) != right {
			t.Errorf("%s: %+v", name, result)
		}
		if !right && !strings.Contains(result.Wrong[0].Why, c.why) {
			t.Errorf("%s: %s", name, result.Wrong[0].Why)
		}
	}
}

func TestAFaultEscapesWhenOneOfItsRunsDoesAndAHealthyRunIsAlarmedOnce(t *testing.T) {
	t.Parallel()
	elsewhere := mustFail("dead", judge.Crashed)
	elsewhere.Key = "dead/elsewhere"
	runs := []selftest.Run{
		mustFail("quiet", judge.Crashed), mustFail("dead", judge.Crashed), elsewhere,
		healthy(1, "h1/a"), healthy(2, "h2/a"), healthy(2, "h2/b"),
	}
	result := selftest.Assess(runs, map[string]judge.Outcome{
		"quiet/fails": *outcome(judge.Failed, judge.Crashed), "dead/fails": *outcome(judge.Failed, judge.Crashed), "dead/elsewhere": *outcome(judge.Passed),
		"h1/a": *outcome(judge.Passed), "h2/a": *outcome(judge.Failed), "h2/b": *outcome(judge.Failed),
	})
	if want := []string{"dead", "quiet"}; !slices.Equal(result.Planted, want) {
		t.Errorf("planted are %q", result.Planted)
	}
	if want := []string{"dead"}; !slices.Equal(result.Escaped, want) {
		t.Errorf("escaped are %q", result.Escaped)
	}
	if want := []int{2}; !slices.Equal(result.FalseAlarms, want) || result.Healthy != 2 {
		t.Errorf("alarmed are %d of %d", result.FalseAlarms, result.Healthy)
	}
	if want := "1 faults caught of 2, 0 causes named of 0, 1 false alarms of 2 healthy runs"; result.Sentence() != want {
		t.Errorf("it says %s", result.Sentence())
	}
}
