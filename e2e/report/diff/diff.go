package diff

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
)

// Kind is the JSON form's, whose version is the report's.
const Kind = "ConformanceDiff"

// A scenario takes longer when it takes so many times what it took, and so many
// seconds more: a busy machine alone does less.
const (
	slowerTimes   = 1.5
	slowerSeconds = 10
)

// Diff is what became otherwise from an old report to a new one.
type Diff struct {
	APIVersion string      `json:"apiVersion"`
	Kind       string      `json:"kind"`
	Old        Side        `json:"old"`
	New        Side        `json:"new"`
	Conditions []Condition `json:"conditions"` // that are not the same, so that the comparison is of limited worth
	Compared   int         `json:"compared"`   // scenarios that are in both

	Regressions []Change `json:"regressions"` // passed, and fails
	Fixes       []Change `json:"fixes"`       // failed, and passes
	Unshown     []Change `json:"unshown"`     // passed or failed, and could not be judged or shown
	Otherwise   []Change `json:"otherwise"`   // another verdict that is neither
	Slower      []Change `json:"slower"`      // takes longer
	Added       []Change `json:"added"`       // is in the new report alone
	Gone        []Change `json:"gone"`        // is in the old report alone
}

// Side is one of the two reports.
type Side struct {
	Dashboard  report.Part `json:"dashboard"`
	Date       time.Time   `json:"date"`
	Conformant bool        `json:"conformant"`
	AsRecorded bool        `json:"asRecorded"`
	Blocked    bool        `json:"blocked"`
	Partial    bool        `json:"partial"`
}

// Label is the side's dashboard for a person.
func (s Side) Label() string { return s.Dashboard.Name + " " + s.Dashboard.Version }

// Condition is a setting or a part of the stand that was not the same. Old or New
// is empty where that report alone does not name the part.
type Condition struct {
	Name string `json:"name"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Change is what became of one scenario. One side is empty where the scenario is
// not in that report.
type Change struct {
	ID      string      `json:"id"`
	Level   judge.Level `json:"level"`
	Promise string      `json:"promise"`
	Old     *Outcome    `json:"old,omitempty"`
	New     *Outcome    `json:"new,omitempty"`
}

// Outcome is a scenario's in one report.
type Outcome struct {
	Verdict  judge.Verdict `json:"verdict"`
	Reason   string        `json:"reason,omitempty"`
	Issue    string        `json:"issue,omitempty"`
	Evidence string        `json:"evidence,omitempty"` // as the report has it
	Seconds  float64       `json:"seconds"`
}

// state is what a verdict is worth in a comparison.
type state int

const (
	unknown state = iota
	passes
	fails
)

func stateOf(verdict judge.Verdict) state {
	switch verdict {
	case judge.Passed, judge.Fixed:
		return passes
	case judge.Failed, judge.Known:
		return fails
	default:
		return unknown
	}
}

// Compare says what became otherwise.
func Compare(before, after report.Report) Diff {
	found := Diff{
		APIVersion: report.APIVersion, Kind: Kind, Old: sideOf(before), New: sideOf(after), Conditions: conditions(before, after),
		Regressions: []Change{}, Fixes: []Change{}, Unshown: []Change{}, Otherwise: []Change{}, Slower: []Change{}, Added: []Change{}, Gone: []Change{},
	}
	former := map[string]report.Scenario{}
	for _, scenario := range before.Scenarios {
		former[scenario.ID] = scenario
	}
	comparableTimes := before.Settings.Lifetime == after.Settings.Lifetime && before.Settings.Expiries == after.Settings.Expiries &&
		before.Settings.Procs == after.Settings.Procs
	for _, scenario := range after.Scenarios {
		old, both := former[scenario.ID]
		delete(former, scenario.ID)
		change := changeOf(scenario)
		change.New = outcomeOf(scenario)
		if !both {
			found.Added = append(found.Added, change)
			continue
		}
		change.Old = outcomeOf(old)
		found.Compared++
		found.sort(change, comparableTimes)
	}
	for _, scenario := range former {
		change := changeOf(scenario)
		change.Old = outcomeOf(scenario)
		found.Gone = append(found.Gone, change)
	}
	for _, changes := range [][]Change{found.Regressions, found.Fixes, found.Unshown, found.Otherwise, found.Slower, found.Added, found.Gone} {
		slices.SortFunc(changes, func(a, b Change) int { return cmp.Compare(a.ID, b.ID) })
	}
	return found
}

// sort puts a scenario that is in both reports where it belongs.
func (d *Diff) sort(change Change, comparableTimes bool) {
	was, is := stateOf(change.Old.Verdict), stateOf(change.New.Verdict)
	switch {
	case was == passes && is == fails:
		d.Regressions = append(d.Regressions, change)
	case was == fails && is == passes:
		d.Fixes = append(d.Fixes, change)
	case was != unknown && is == unknown:
		d.Unshown = append(d.Unshown, change)
	case change.Old.Verdict != change.New.Verdict:
		d.Otherwise = append(d.Otherwise, change)
	}
	if was == passes && is == passes && comparableTimes &&
		change.New.Seconds >= slowerTimes*change.Old.Seconds && change.New.Seconds >= change.Old.Seconds+slowerSeconds {
		d.Slower = append(d.Slower, change)
	}
}

// Regressed says whether anything that passed fails.
func (d Diff) Regressed() bool { return len(d.Regressions) > 0 }

// Incomplete says whether something that was judged could not be shown again, or
// nothing was compared at all: then the lack of regressions says little.
func (d Diff) Incomplete() bool { return len(d.Unshown) > 0 || d.Compared == 0 }

// Sentence is the comparison in one line.
func (d Diff) Sentence() string {
	said := fmt.Sprintf("%s -> %s: %s, %s, %d slower, of %s in both",
		d.Old.Label(), d.New.Label(), number(len(d.Regressions), "regression"), number(len(d.Fixes), "fix"), len(d.Slower), number(d.Compared, "scenario"))
	if len(d.Unshown) > 0 {
		said += fmt.Sprintf("; %d not shown any more", len(d.Unshown))
	}
	if d.Compared == 0 {
		said += ": nothing was compared"
	}
	return said
}

func number(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case what == "fix":
		return fmt.Sprintf("%d fixes", n)
	default:
		return fmt.Sprintf("%d %ss", n, what)
	}
}

func sideOf(r report.Report) Side {
	return Side{Dashboard: r.Dashboard, Date: r.Date, Conformant: r.Conformant, AsRecorded: r.AsRecorded, Blocked: r.Blocked, Partial: r.Partial}
}

func changeOf(s report.Scenario) Change { return Change{ID: s.ID, Level: s.Level, Promise: s.Promise} }

func outcomeOf(s report.Scenario) *Outcome {
	return &Outcome{Verdict: s.Verdict, Reason: s.Reason, Issue: s.Issue, Evidence: s.Evidence, Seconds: s.Seconds}
}

// conditions are what verdicts depend on besides the dashboard's version.
func conditions(before, after report.Report) []Condition {
	found := []Condition{}
	differ := func(name, old, new string) {
		if old != new {
			found = append(found, Condition{name, old, new})
		}
	}
	differ("dashboard", before.Dashboard.Name, after.Dashboard.Name)
	differ("identity mode", before.Settings.Identity, after.Settings.Identity)
	differ("lifetime", before.Settings.Lifetime, after.Settings.Lifetime)
	differ("expiries", fmt.Sprint(before.Settings.Expiries), fmt.Sprint(after.Settings.Expiries))
	differ("label filter", cmp.Or(before.Settings.Filter, "none"), cmp.Or(after.Settings.Filter, "none"))
	if before.Settings.Procs > 0 && after.Settings.Procs > 0 {
		differ("scenarios at once", fmt.Sprint(before.Settings.Procs), fmt.Sprint(after.Settings.Procs))
	}
	differ("suite", before.Suite, after.Suite)
	if len(before.Stand) == 0 || len(after.Stand) == 0 {
		// A run that never began names no part, and is not told apart by that.
		return found
	}
	var names []string
	for _, part := range slices.Concat(before.Stand, after.Stand) {
		if !slices.Contains(names, part.Name) {
			names = append(names, part.Name)
		}
	}
	for _, name := range names {
		differ(name, versionOf(before.Stand, name), versionOf(after.Stand, name))
	}
	return found
}

func versionOf(parts []report.Part, name string) string {
	for _, part := range parts {
		if part.Name == name {
			return part.Version
		}
	}
	return ""
}
