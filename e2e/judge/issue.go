package judge

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"sigs.k8s.io/yaml"
)

// The identity modes.
const (
	modeToken  = "token"
	modeProxy  = "proxy"
	modeNative = "native"
)

// foundHere begins the ids of issues that this suite found.
const foundHere = "found/"

var modes = []string{modeToken, modeProxy, modeNative}

// Issue is a recorded issue: which scenarios fail because of it, in which
// versions, and how that looks.
type Issue struct {
	ID           string    `json:"id"` // as in kubernetes-sigs/headlamp#4134; found/…: by this suite, and not yet told anybody
	Title        string    `json:"title"`
	Dashboard    string    `json:"dashboard"`
	Versions     string    `json:"versions"` // semantic version constraint
	Modes        []string  `json:"modes,omitempty"`
	Scenarios    []string  `json:"scenarios"`
	Symptoms     []Symptom `json:"symptoms"`
	Intermittent bool      `json:"intermittent,omitempty"`
	// Evidence and Reproduction are of an issue that this suite found: what was
	// seen where, and the shortest way to see it, fit to be told upstream.
	Evidence     string `json:"evidence,omitempty"`
	Reproduction string `json:"reproduction,omitempty"`

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
		for _, mistake := range issues[i].complete() {
			wrong = append(wrong, fmt.Errorf("recorded issue %d (%s): %w", i+1, issues[i].ID, mistake))
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return issues, nil
}

// complete prepares the issue for use, and says everything that is wrong with
// it: one that can never explain anything is a mistake too.
func (i *Issue) complete() []error {
	var wrong []error
	for _, entry := range []struct {
		name  string
		given bool
	}{
		{"id", i.ID != ""}, {"title", i.Title != ""}, {"dashboard", i.Dashboard != ""}, {"versions", i.Versions != ""},
		{"scenarios", len(i.Scenarios) > 0}, {"symptoms", len(i.Symptoms) > 0},
	} {
		if !entry.given {
			wrong = append(wrong, fmt.Errorf("%s must be given", entry.name))
		}
	}
	if strings.HasPrefix(i.ID, foundHere) && (i.Evidence == "" || i.Reproduction == "") {
		wrong = append(wrong, errors.New("evidence and reproduction must be given of an issue that is nowhere else"))
	}
	if i.Versions != "" {
		constraint, err := semver.NewConstraint(i.Versions)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("versions %q: %w", i.Versions, err))
		}
		i.constraint = constraint
	}
	for _, symptom := range i.Symptoms {
		if !slices.Contains(symptoms, symptom) {
			wrong = append(wrong, fmt.Errorf("there is no symptom %q; there are %v", symptom, symptoms))
		}
	}
	for _, mode := range i.Modes {
		if !slices.Contains(modes, mode) {
			wrong = append(wrong, fmt.Errorf("there is no identity mode %q; there are %v", mode, modes))
		}
	}
	return wrong
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
