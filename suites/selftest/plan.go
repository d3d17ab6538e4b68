package selftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

// Expectation is how a planned run has to end.
type Expectation string

// The expectations.
const (
	MustFail Expectation = "must fail"
	MustPass Expectation = "must pass"
)

// Run is a planned run of a scenario, and how it has to end.
type Run struct {
	conformance.Planned
	Expect Expectation
	// Symptoms are those that a run that must fail has to show, each of them.
	Symptoms []judge.Symptom
	// Cause is what its diagnosis has to name, or nothing.
	Cause diagnosis.Cause
	// Healthy is the number of the healthy run that this one belongs to, from 1
	// on, or 0 when a fault is planted.
	Healthy int
}

// Options choose what is planned.
type Options struct {
	// Full plans every scenario with every fault, in every mode that both
	// know. Otherwise each fault gets the scenarios that must fail, and a few
	// of those that must pass.
	Full bool
	// MustPass is how many scenarios that must pass each fault gets when not
	// full.
	MustPass int
	// Thin, above 1, gives those to every so manieth fault alone: to others on each
	// turn.
	Thin int
	// Turn rotates those, and the modes of the healthy runs: others on each turn.
	Turn int
	// Healthy is how many times the healthy suite runs, each time in one mode.
	Healthy int
	// Faults are the only ones planted, when there are any.
	Faults []string
	// Scenarios are the only ones planned, by id, when there are any: with the
	// faults that they have to fail on, and with those that they have to pass in
	// spite of where those are named in Faults, or when full.
	Scenarios []string
}

// Plan plans a self-test of these scenarios. What takes long comes first.
//
// Unless it is full, what is judged on the wire alone runs without a browser. The
// first fault of each such scenario stays in the browser, for there the witnesses
// have to see what a page does: a live subset that guards the recorders.
func Plan(scenarios []conformance.Entry, catalogue []faults.Fault, options Options) []Run {
	var runs []Run
	if len(options.Scenarios) > 0 {
		scenarios = slices.DeleteFunc(slices.Clone(scenarios), func(entry conformance.Entry) bool { return !slices.Contains(options.Scenarios, entry.ID) })
	}
	for i, fault := range catalogue {
		if len(options.Faults) > 0 && !slices.Contains(options.Faults, fault.Name) {
			continue
		}
		runs = append(runs, mustFail(scenarios, fault, options.Full)...)
		passing := mustPass(scenarios, fault, options.Full)
		switch {
		case options.Full:
		case len(options.Scenarios) > 0:
			if len(options.Faults) == 0 {
				passing = nil
			}
		default:
			thin := max(1, options.Thin)
			if (options.Turn+i)%thin != 0 {
				passing = nil
			}
			passing = rotate(passing, options.Turn/thin+i, options.MustPass)
		}
		runs = append(runs, passing...)
	}
	for number := 1; number <= options.Healthy; number++ {
		runs = append(runs, healthy(scenarios, number, options.Turn)...)
	}
	slices.SortStableFunc(runs, func(a, b Run) int { return b.Scenario.Holds - a.Scenario.Holds })
	return runs
}

// mustFail plans the scenarios that name a fault. A fault that is tied to modes
// may be another program's in each of them, so each is tried; one that is not
// is tried in the first.
func mustFail(scenarios []conformance.Entry, fault faults.Fault, full bool) []Run {
	var runs []Run
	for _, entry := range scenarios {
		proof := slices.IndexFunc(entry.Proofs, func(p conformance.Proof) bool { return p.Fault == fault.Name })
		if proof < 0 {
			continue
		}
		modes := commonModes(entry, fault)
		if !full && len(fault.Modes) == 0 {
			modes = modes[:min(1, len(modes))]
		}
		for i, mode := range modes {
			live := full || (proof == 0 && i == 0)
			runs = append(runs, Run{
				Planned: planned(fault.Name, entry, mode, fault.Name, !live), Expect: MustFail, Symptoms: entry.Proofs[proof].Symptoms,
				Cause: diagnosis.Cause(fault.Cause),
			})
		}
	}
	return runs
}

// mustPass plans the scenarios that a fault has nothing to do with.
func mustPass(scenarios []conformance.Entry, fault faults.Fault, full bool) []Run {
	var runs []Run
	for _, entry := range scenarios {
		if slices.Contains(entry.Faults, fault.Name) || fault.Spoils(entry.ID) {
			continue
		}
		modes := commonModes(entry, fault)
		if !full {
			modes = modes[:min(1, len(modes))]
		}
		for _, mode := range modes {
			runs = append(runs, Run{Planned: planned(fault.Name, entry, mode, fault.Name, !full), Expect: MustPass})
		}
	}
	return runs
}

// healthy plans all of the scenarios in one identity mode, as a person runs them:
// each time in another one of those that any of them knows.
func healthy(scenarios []conformance.Entry, number, turn int) []Run {
	var modes []conformance.Mode
	for _, mode := range conformance.Modes {
		if slices.ContainsFunc(scenarios, func(entry conformance.Entry) bool { return slices.Contains(entry.Modes, mode) }) {
			modes = append(modes, mode)
		}
	}
	if len(modes) == 0 {
		return nil
	}
	mode := modes[(turn+number)%len(modes)]
	var runs []Run
	for _, entry := range scenarios {
		if slices.Contains(entry.Modes, mode) {
			runs = append(runs, Run{
				Planned: planned(fmt.Sprintf("healthy-%d", number), entry, mode, "", false), Expect: MustPass, Healthy: number,
			})
		}
	}
	return runs
}

// planned plans one run, without a browser when it should be and can.
func planned(group string, entry conformance.Entry, mode conformance.Mode, fault string, bare bool) conformance.Planned {
	bare = bare && entry.OnTheWire
	key := []string{group, string(mode), entry.ID}
	if bare {
		key = slices.Insert(key, 2, "bare")
	}
	return conformance.Planned{Key: strings.Join(key, "/"), Scenario: entry, Mode: mode, Fault: fault, Bare: bare}
}

func commonModes(entry conformance.Entry, fault faults.Fault) []conformance.Mode {
	var modes []conformance.Mode
	for _, mode := range entry.Modes {
		if fault.CanBePlanted(string(mode)) {
			modes = append(modes, mode)
		}
	}
	return modes
}

// rotate returns n of the runs, beginning with another one on each turn.
func rotate(runs []Run, turn, n int) []Run {
	var chosen []Run
	for i := range min(n, len(runs)) {
		chosen = append(chosen, runs[(turn*n+i)%len(runs)])
	}
	return chosen
}

// Planned returns what the suite has to run.
func Planned(runs []Run) []conformance.Planned {
	plan := make([]conformance.Planned, len(runs))
	for i, run := range runs {
		plan[i] = run.Planned
	}
	return plan
}
