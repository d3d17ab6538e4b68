package report

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// APIVersion and Kind are the form of conformance.yaml. A field may be added
// within a version; none is renamed or removed.
const (
	APIVersion = "headlamp-conformance/v1alpha1"
	Kind       = "ConformanceReport"
)

// FileName is the report's name in the report directory.
const FileName = "conformance.yaml"

// Report is the content of conformance.yaml.
type Report struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Notice     string    `json:"notice,omitempty"`
	Date       time.Time `json:"date"`
	Suite      string    `json:"suite"` // the suite's own version
	Dashboard  Part      `json:"dashboard"`
	Stand      []Part    `json:"stand"`
	Settings   Settings  `json:"settings"`
	Reproduce  string    `json:"reproduce"` // the command that ran
	Seconds    float64   `json:"seconds"`

	Conformant bool           `json:"conformant"`
	AsRecorded bool           `json:"asRecorded"`
	Blocked    bool           `json:"blocked"`
	Partial    bool           `json:"partial"` // a filter left scenarios out
	Reason     string         `json:"reason,omitempty"`
	Totals     map[string]int `json:"totals"`
	Levels     []Share        `json:"levels,omitempty"`
	Features   []Share        `json:"features,omitempty"`
	Costs      *Costs         `json:"costs,omitempty"`
	Scenarios  []Scenario     `json:"scenarios"`
}

// Share is how many scenarios of one level, or of one feature, have which verdict. A
// scenario can be of several features.
type Share struct {
	Name     string         `json:"name"`
	Verdicts map[string]int `json:"verdicts"`
}

// Part is a program that took part, with the version that it told itself.
type Part struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Digest tells whether it is the same program (digest.Of): its executable, or the
	// directory of its libraries; of a dashboard, executable and page. A browser has
	// none, for on some systems its executable is a script.
	Digest string `json:"digest,omitempty"`
}

// Settings are the settings that verdicts depend on.
type Settings struct {
	Identity string `json:"identity"`
	Lifetime string `json:"lifetime"`
	Expiries int    `json:"expiries"`
	Filter   string `json:"filter,omitempty"`
	Procs    int    `json:"procs,omitempty"` // scenarios at once, which times alone depend on
}

// Scenario is the verdict on one scenario.
type Scenario struct {
	ID       string          `json:"id"`
	Level    judge.Level     `json:"level"`
	Promise  string          `json:"promise"`
	Verdict  judge.Verdict   `json:"verdict"`
	Reason   string          `json:"reason,omitempty"`
	Issue    string          `json:"issue,omitempty"`
	Sources  []string        `json:"sources,omitempty"`
	Features []string        `json:"features,omitempty"`
	Seconds  float64         `json:"seconds"`
	Evidence string          `json:"evidence,omitempty"`
	Files    []File          `json:"files,omitempty"` // of the evidence
	Counts   Counts          `json:"counts"`
	Findings []judge.Finding `json:"findings,omitempty"`
	// Diagnosis names the cause of a failure, where it is known.
	Diagnosis *diagnosis.Diagnosis `json:"diagnosis,omitempty"`
}

// Counts say how much the verdict rests on.
type Counts struct {
	Logins    int `json:"logins"`    // stored by Keycloak
	Refreshes int `json:"refreshes"` // stored by Keycloak
	Expiries  int `json:"expiries"`  // crossed
	Page      int `json:"page"`      // requests to the cluster that the page made
	Tap       int `json:"tap"`       // requests that the tap passed on
	Audited   int `json:"audited"`   // of those, how many the audit log has

	// What a dashboard may ask for too often. A minute is the busiest one.
	TokenCalls         int `json:"tokenCalls"` // for tokens at Keycloak, those that were refused too
	TokenCallsAMinute  int `json:"tokenCallsAMinute"`
	HealthPolls        int `json:"healthPolls"` // of the pages, for the cluster's health
	HealthPollsAMinute int `json:"healthPollsAMinute"`
	LoginPages         int `json:"loginPages"` // times that a page asked for a login
	LoginPagesAMinute  int `json:"loginPagesAMinute"`
}

// Complete fills in the judge's part of a report.
func (r *Report) Complete(run judge.Run, judgement judge.Judgement) {
	r.APIVersion, r.Kind = APIVersion, Kind
	r.Conformant, r.AsRecorded, r.Blocked = judgement.Conformant, judgement.AsRecorded, judgement.Blocked
	r.Partial, r.Reason = run.Partial, judgement.Reason
	if r.Costs != nil {
		r.Costs.complete(run)
	}
	r.Totals = map[string]int{}
	r.Scenarios = nil
	for _, outcome := range judgement.Outcomes {
		r.Totals[string(outcome.Verdict)]++
		spec := outcome.Spec
		r.Scenarios = append(r.Scenarios, Scenario{
			ID: spec.ID, Level: spec.Level, Promise: spec.Promise, Verdict: outcome.Verdict, Reason: outcome.Reason,
			Issue: outcome.Issue, Sources: spec.Sources, Features: spec.Features, Seconds: spec.Seconds, Evidence: spec.Evidence,
			Counts: count(run.Timelines[spec.ID]), Findings: outcome.Findings,
			Diagnosis: outcome.Diagnosis,
		})
	}
	r.Levels = shares(r.Scenarios, func(s Scenario) []string { return []string{string(s.Level)} })
	r.Features = shares(r.Scenarios, func(s Scenario) []string { return s.Features })
}

// shares counts verdicts by what scenarios are of, ordered by its name.
func shares(scenarios []Scenario, of func(Scenario) []string) []Share {
	totals := map[string]map[string]int{}
	for _, scenario := range scenarios {
		for _, name := range of(scenario) {
			if totals[name] == nil {
				totals[name] = map[string]int{}
			}
			totals[name][string(scenario.Verdict)]++
		}
	}
	var ordered []Share
	for _, name := range slices.Sorted(maps.Keys(totals)) {
		ordered = append(ordered, Share{name, totals[name]})
	}
	return ordered
}

// Save writes the report into a directory.
func (r Report) Save(dir string) error {
	content, err := yaml.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode the report: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), content, 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
