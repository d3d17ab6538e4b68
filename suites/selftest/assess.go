package selftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// Wrong is a run that did not end as it must.
type Wrong struct {
	Run     Run
	Outcome judge.Outcome
	Why     string
}

// Result says how good the suite is at telling faults from health.
type Result struct {
	Planted     []string // faults
	Escaped     []string // faults of which a run that must fail did not, or for another reason
	FalseAlarms []int    // healthy runs in which something failed
	Healthy     int      // healthy runs
	Wrong       []Wrong
	Blocked     []Wrong // runs that could not be judged
	Named       int     // runs whose diagnosis names what was planted
	ToName      int     // runs whose diagnosis has to
}

// Assess compares each run with how it had to end. outcomes are the judge's, by
// key.
func Assess(runs []Run, outcomes map[string]judge.Outcome) Result {
	var result Result
	escaped, alarmed := map[string]bool{}, map[int]bool{}
	for _, run := range runs {
		if run.Expect == MustFail && !slices.Contains(result.Planted, run.Fault) {
			result.Planted = append(result.Planted, run.Fault)
		}
		result.Healthy = max(result.Healthy, run.Healthy)
		outcome, judged := outcomes[run.Key]
		why := ""
		switch {
		case !judged:
			why = "it was never judged"
		case outcome.Verdict == judge.Blocked:
			result.Blocked = append(result.Blocked, Wrong{run, outcome, "blocked: " + outcome.Reason})
			if run.Expect == MustFail {
				escaped[run.Fault] = true
			}
			continue
		case run.Expect == MustFail:
			why = escapedBy(run, outcome)
			if run.Cause != "" {
				result.ToName++
				if named(outcome) == run.Cause {
					result.Named++
				}
			}
		case outcome.Verdict != judge.Passed:
			why = fmt.Sprintf("%s, although nothing concerns it: %s", outcome.Verdict, outcome.Reason)
		}
		if why == "" {
			continue
		}
		result.Wrong = append(result.Wrong, Wrong{run, outcome, why})
		if run.Expect == MustFail {
			escaped[run.Fault] = true
		}
		if run.Healthy > 0 {
			alarmed[run.Healthy] = true
		}
	}
	for fault := range escaped {
		result.Escaped = append(result.Escaped, fault)
	}
	for number := range alarmed {
		result.FalseAlarms = append(result.FalseAlarms, number)
	}
	slices.Sort(result.Planted)
	slices.Sort(result.Escaped)
	slices.Sort(result.FalseAlarms)
	return result
}

// escapedBy says how a fault got away, or "".
func escapedBy(run Run, outcome judge.Outcome) string {
	if outcome.Verdict != judge.Failed {
		return fmt.Sprintf("the fault got away: %s", outcome.Verdict)
	}
	var lacking []string
	for _, symptom := range run.Symptoms {
		if !slices.ContainsFunc(outcome.Findings, func(f judge.Finding) bool { return f.Symptom == symptom }) {
			lacking = append(lacking, string(symptom))
		}
	}
	if len(lacking) > 0 {
		return fmt.Sprintf("it failed for another reason than %s: %s", strings.Join(lacking, ", "), outcome.Reason)
	}
	if run.Cause != "" && named(outcome) != run.Cause {
		return fmt.Sprintf("its diagnosis is %q, and has to be %q", named(outcome), run.Cause)
	}
	return ""
}

// named is the cause that an outcome's diagnosis names, or nothing.
func named(outcome judge.Outcome) diagnosis.Cause {
	if outcome.Diagnosis == nil {
		return ""
	}
	return outcome.Diagnosis.Cause
}

// Sentence is the result in one line.
func (r Result) Sentence() string {
	return fmt.Sprintf("%d faults caught of %d, %d causes named of %d, %d false alarms of %d healthy runs",
		len(r.Planted)-len(r.Escaped), len(r.Planted), r.Named, r.ToName, len(r.FalseAlarms), r.Healthy)
}
