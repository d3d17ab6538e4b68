package judge

import (
	"errors"
	"fmt"
	"slices"

	"github.com/Masterminds/semver/v3"
	"sigs.k8s.io/yaml"
)

// Issue is a recorded issue: which scenarios fail because of it, in which
// versions, and how that looks.
type Issue struct {
	ID           string    `json:"id"` // as in kubernetes-sigs/headlamp#4134
	Title        string    `json:"title"`
	Dashboard    string    `json:"dashboard"`
	Versions     string    `json:"versions"` // semantic version constraint
	Modes        []string  `json:"modes,omitempty"`
	Scenarios    []string  `json:"scenarios"`
	Symptoms     []Symptom `json:"symptoms"`
	Intermittent bool      `json:"intermittent,omitempty"`

	constraint *semver.Constraints
}

// ParseIssues reads recorded issues, and says everything that is wrong with
// them at once.
func ParseIssues(content []byte) ([]Issue, error) {
	var issues []Issue
	if err := yaml.UnmarshalStrict(content, &issues); err != nil {
		return nil, fmt.Errorf("read the recorded issues: %w", err)
	}
	var wrong []error
	for i := range issues {
		issue := &issues[i]
		constraint, err := semver.NewConstraint(issue.Versions)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("issue %s: versions %q: %w", issue.ID, issue.Versions, err))
		}
		issue.constraint = constraint
		if issue.ID == "" || issue.Title == "" || issue.Dashboard == "" || len(issue.Scenarios) == 0 || len(issue.Symptoms) == 0 {
			wrong = append(wrong, fmt.Errorf("issue %d (%s): id, title, dashboard, scenarios and symptoms must be given", i+1, issue.ID))
		}
	}
	return issues, errors.Join(wrong...)
}

// covers says whether the issue is recorded for this scenario in this run.
func (i Issue) covers(run Run, scenario string) bool {
	version, err := semver.NewVersion(run.Version)
	if err != nil || i.constraint == nil {
		return false
	}
	return i.Dashboard == run.Dashboard && i.constraint.Check(version) && slices.Contains(i.Scenarios, scenario) &&
		(len(i.Modes) == 0 || slices.Contains(i.Modes, run.Mode))
}

// explains says whether the issue accounts for every finding of an outcome: a
// second fault must not hide behind a recorded one.
func (i Issue) explains(run Run, outcome Outcome) bool {
	if !i.covers(run, outcome.Spec.ID) || len(outcome.Findings) == 0 {
		return false
	}
	for _, finding := range outcome.Findings {
		if !slices.Contains(i.Symptoms, finding.Symptom) {
			return false
		}
	}
	return true
}
