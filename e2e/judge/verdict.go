package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// Verdict is the outcome of one scenario.
type Verdict string

// The verdicts.
const (
	Passed       Verdict = "passed"
	Failed       Verdict = "failed"
	Known        Verdict = "known"        // fails, as a recorded issue says it does
	Fixed        Verdict = "fixed"        // passes, although a recorded issue says that it does not
	Inapplicable Verdict = "inapplicable" // cannot be shown here
	Blocked      Verdict = "blocked"      // the environment broke
)

// Level is how much a scenario counts.
type Level string

// The levels.
const (
	Core     Level = "core"
	Extended Level = "extended"
	Setup    Level = "setup"
)

// State is how a spec ended, as its runner says.
type State string

// The states that the judge tells apart.
const (
	SpecPassed  State = "passed"
	SpecFailed  State = "failed"
	SpecSkipped State = "skipped"
)

// Spec is what is known of one scenario's run, its timeline apart.
type Spec struct {
	ID       string   `json:"id"`
	Level    Level    `json:"level"`
	Promise  string   `json:"promise"`
	Sources  []string `json:"sources,omitempty"`
	Features []string `json:"features,omitempty"`
	State    State    `json:"state"`
	Message  string   `json:"message,omitempty"`  // of the failure
	Blocked  string   `json:"blocked,omitempty"`  // why the environment is to blame
	Reason   string   `json:"reason,omitempty"`   // why the scenario is inapplicable
	Seconds  float64  `json:"seconds"`            // how long it took
	Evidence string   `json:"evidence,omitempty"` // directory below the report's
}

// Run is everything that the judge looks at.
type Run struct {
	Dashboard string // name of the dashboard
	Version   string // its version, or "unknown"
	Mode      string
	Specs     []Spec
	Timelines map[string]timeline.Timeline // by scenario
	Logs      map[string]string            // the dashboard's, of the scenarios that failed
	// APIServerLogs is what the API server logged about their realms.
	APIServerLogs map[string]string
	Issues        []Issue
	Claims        []string // extended scenarios that the dashboard claims
	Broken        string   // why the stand broke down, or empty
	Partial       bool     // some scenarios were left out by a filter
}

// Outcome is the verdict on one scenario, with its grounds.
type Outcome struct {
	Spec     Spec
	Verdict  Verdict
	Reason   string
	Issue    string // the recorded issue that explains it, or empty
	Findings []Finding
	// Diagnosis names the cause of a failure, or is nil when none is known.
	Diagnosis *diagnosis.Diagnosis
}

// Judgement is the verdict on a whole run.
type Judgement struct {
	Outcomes   []Outcome
	Conformant bool // no core or claimed promise fails, known or not
	AsRecorded bool // nothing fails that is not recorded
	Blocked    bool // something could not be judged
	Reason     string
}

// upTo is the part of a timeline in which the cause of findings lies. What came after
// a page had gone where it should not explains nothing: a session that ends then has a
// cause of its own.
func upTo(line timeline.Timeline, findings []Finding) timeline.Timeline {
	var last time.Time
	if len(findings) == 0 {
		return line
	}
	for _, finding := range findings {
		if finding.Symptom != LeftThePage || finding.At.IsZero() {
			return line
		}
		if finding.At.After(last) {
			last = finding.At
		}
	}
	line.Events = line.Select(func(e timeline.Event) bool { return !e.At.After(last) })
	return line
}

// Judge makes the verdicts of a run.
func Judge(run Run) Judgement {
	judgement := Judgement{AsRecorded: true}
	counted := 0
	broken := false
	for _, spec := range run.Specs {
		outcome := judgeSpec(run, spec)
		if outcome.Verdict == Failed || outcome.Verdict == Known {
			seen := diagnosis.Seen{Line: upTo(run.Timelines[spec.ID], outcome.Findings), Log: run.Logs[spec.ID], APIServerLog: run.APIServerLogs[spec.ID]}
			if named, found := diagnosis.Diagnose(seen); found {
				outcome.Diagnosis = &named
			}
		}
		judgement.Outcomes = append(judgement.Outcomes, outcome)
		counts := spec.Level == Core || slices.Contains(run.Claims, spec.ID)
		switch outcome.Verdict {
		case Failed:
			judgement.AsRecorded = false
			broken = broken || counts
		case Known:
			broken = broken || counts
		case Blocked:
			judgement.Blocked = true
			broken = broken || counts
		case Passed, Fixed:
			if counts {
				counted++
			}
		case Inapplicable:
		}
	}
	slices.SortStableFunc(judgement.Outcomes, func(a, b Outcome) int { return strings.Compare(a.Spec.ID, b.Spec.ID) })
	judgement.Conformant = counted > 0 && !broken
	switch {
	case run.Broken != "":
		judgement.Blocked, judgement.Conformant, judgement.Reason = true, false, run.Broken
	case len(run.Specs) == 0:
		judgement.Blocked, judgement.Reason = true, "no scenario ran"
	case counted == 0 && !broken:
		judgement.Reason = "no core scenario could be shown"
	}
	return judgement
}

// ExitCode is the command's: 0 as recorded, 1 not, 3 blocked. With strict, a
// run that is as recorded and yet not conformant exits with 1.
func (j Judgement) ExitCode(strict bool) int {
	switch {
	case !j.AsRecorded:
		return 1
	case j.Blocked:
		return 3
	case strict && !j.Conformant:
		return 1
	default:
		return 0
	}
}

func judgeSpec(run Run, spec Spec) Outcome {
	outcome := Outcome{Spec: spec}
	line, recorded := run.Timelines[spec.ID]
	asserted := 0
	if recorded {
		var err error
		outcome.Findings, asserted, err = Replay(line)
		if err != nil {
			return blocked(outcome, err.Error())
		}
	}
	switch {
	case spec.Blocked != "":
		return blocked(outcome, spec.Blocked)
	case spec.State == SpecSkipped && spec.Reason != "" && len(outcome.Findings) == 0:
		outcome.Verdict, outcome.Reason = Inapplicable, spec.Reason
		return outcome
	case spec.State == SpecSkipped && len(outcome.Findings) == 0:
		return blocked(outcome, "it was skipped without a reason")
	case spec.State == SpecPassed && len(outcome.Findings) == 0 && asserted == 0:
		outcome.Verdict, outcome.Reason = Failed, "it asserted nothing, so it shows nothing"
		return outcome
	case spec.State == SpecPassed && len(outcome.Findings) == 0:
		return passed(run, outcome)
	}
	outcome.Reason = spec.Message
	if len(outcome.Findings) > 0 {
		outcome.Reason = outcome.Findings[0].Text
	}
	if lag := lagBehind(line, outcome.Findings); lag > 0 {
		return blocked(outcome, fmt.Sprintf("the machine stood still for %.1f s%s", lag.Seconds(), because(outcome.Reason)))
	}
	if run.Broken != "" && !slices.ContainsFunc(outcome.Findings, isCertain) {
		// Nobody knows how long it had been broken.
		return blocked(outcome, run.Broken+because(outcome.Reason))
	}
	for _, issue := range run.Issues {
		if issue.explains(run, outcome) {
			outcome.Verdict, outcome.Issue = Known, issue.ID
			return outcome
		}
	}
	outcome.Verdict = Failed
	return outcome
}

// isCertain says whether a finding is the dashboard's, whatever broke down
// around it.
func isCertain(finding Finding) bool {
	return slices.Contains([]Symptom{TokenReadable, CookieUnguarded, WrongIdentity, WrongCredential, NotImpersonated, ForgedLogin}, finding.Symptom)
}

func passed(run Run, outcome Outcome) Outcome {
	outcome.Verdict = Passed
	for _, issue := range run.Issues {
		if !issue.Intermittent && issue.covers(run, outcome.Spec.ID) {
			outcome.Verdict, outcome.Issue = Fixed, issue.ID
			outcome.Reason = "recorded as failing, and it passed"
			return outcome
		}
	}
	return outcome
}

func blocked(outcome Outcome, reason string) Outcome {
	outcome.Verdict, outcome.Reason = Blocked, reason
	return outcome
}
