package selftest_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	_ "github.com/headlamp-conformance/headlamp-conformance/suites/identity"
	_ "github.com/headlamp-conformance/headlamp-conformance/suites/login"
	_ "github.com/headlamp-conformance/headlamp-conformance/suites/logout"
	"github.com/headlamp-conformance/headlamp-conformance/suites/selftest"
	_ "github.com/headlamp-conformance/headlamp-conformance/suites/session"
)

// plans are self-tests of the whole suite against all faults.
func plans() map[string][]selftest.Run {
	made := map[string][]selftest.Run{}
	for _, full := range []bool{false, true} {
		for _, turn := range []int{0, 1, 328} {
			options := selftest.Options{Full: full, Turn: turn, MustPass: 2, Healthy: 2}
			made[fmt.Sprintf("full %t, turn %d", full, turn)] = selftest.Plan(conformance.Catalogue(), faults.All(), options)
		}
	}
	return made
}

func forEachPlan(t *testing.T, check func(t *testing.T, runs []selftest.Run)) {
	t.Helper()
	for name, runs := range plans() {
		t.Run(name, func(t *testing.T) { t.Parallel(); check(t, runs) })
	}
}

func TestTheWholeSuiteIsPlannedWith(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	scenarios := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		scenarios += strings.Count(string(content), "\nvar _ = conformance.Scenario(")
	}
	if scenarios == 0 || len(conformance.Catalogue()) != scenarios {
		t.Errorf("%d scenarios in the catalogue, and %d in the files: import their packages here", len(conformance.Catalogue()), scenarios)
	}
}

func TestEveryFaultIsNamedByAScenarioThatItCanBePlantedIn(t *testing.T) {
	t.Parallel()
	forEachPlan(t, func(t *testing.T, runs []selftest.Run) {
		for _, fault := range faults.All() {
			if !slices.ContainsFunc(runs, func(r selftest.Run) bool { return r.Fault == fault.Name && r.Expect == selftest.MustFail }) {
				t.Errorf("nothing has to fail on %s", fault.Name)
			}
		}
	})
}

func TestEveryProofIsTried(t *testing.T) {
	t.Parallel()
	forEachPlan(t, func(t *testing.T, runs []selftest.Run) {
		for _, entry := range conformance.Catalogue() {
			for _, proof := range entry.Proofs {
				if !slices.ContainsFunc(runs, func(r selftest.Run) bool {
					return r.Expect == selftest.MustFail && r.Scenario.ID == entry.ID && r.Fault == proof.Fault && slices.Equal(r.Symptoms, proof.Symptoms)
				}) {
					t.Errorf("%s is never tried on %s", entry.ID, proof.Fault)
				}
			}
		}
	})
}

func TestEveryPlannedKeyIsUniqueAndSaysWhatIsRun(t *testing.T) {
	t.Parallel()
	forEachPlan(t, func(t *testing.T, runs []selftest.Run) {
		seen := map[string]bool{}
		for _, run := range runs {
			if seen[run.Key] {
				t.Errorf("there are two runs %s", run.Key)
			}
			seen[run.Key] = true
			group := run.Fault
			if run.Healthy > 0 {
				group = fmt.Sprintf("healthy-%d", run.Healthy)
			}
			want := []string{group, string(run.Mode), run.Scenario.ID}
			if run.Bare {
				want = slices.Insert(want, 2, "bare")
			}
			if run.Key != strings.Join(want, "/") {
				t.Errorf("%s is the key of %q", run.Key, want)
			}
		}
	})
}

func TestWhatMustPassHasNothingToDoWithTheFault(t *testing.T) {
	t.Parallel()
	forEachPlan(t, func(t *testing.T, runs []selftest.Run) {
		passing := 0
		for _, run := range runs {
			fault, err := faults.Find(run.Fault)
			if err != nil {
				t.Fatal(err)
			}
			names := slices.Contains(run.Scenario.Faults, run.Fault)
			switch {
			case run.Expect == selftest.MustFail && !names:
				t.Errorf("%s must fail without naming the fault", run.Key)
			case run.Expect == selftest.MustPass && (names || fault.Spoils(run.Scenario.ID)):
				t.Errorf("%s must pass although the fault is about it", run.Key)
			}
			if (run.Fault == "") != (run.Healthy > 0) {
				t.Errorf("%s is neither healthy nor faulty, or both", run.Key)
			}
			if !slices.Contains(run.Scenario.Modes, run.Mode) || !fault.CanBePlanted(string(run.Mode)) {
				t.Errorf("%s runs in a mode that it cannot", run.Key)
			}
			if run.Expect == selftest.MustPass && run.Fault != "" {
				passing++
			}
		}
		if passing == 0 {
			t.Error("nothing has to pass")
		}
	})
}

func TestAHealthyRunIsTheWholeSuiteInOneModeAndTheNextInAnother(t *testing.T) {
	t.Parallel()
	whole := func(mode conformance.Mode) map[string]bool {
		ids := map[string]bool{}
		for _, entry := range conformance.Catalogue() {
			if slices.Contains(entry.Modes, mode) {
				ids[entry.ID] = true
			}
		}
		return ids
	}
	forEachPlan(t, func(t *testing.T, runs []selftest.Run) {
		modes := map[conformance.Mode]bool{}
		for number := 1; number <= 2; number++ {
			got := map[string]bool{}
			var mode conformance.Mode
			for _, run := range runs {
				if run.Healthy == number {
					got[run.Scenario.ID] = run.Expect == selftest.MustPass && (mode == "" || mode == run.Mode)
					mode = run.Mode
				}
			}
			if !maps.Equal(got, whole(mode)) {
				t.Errorf("healthy run %d in mode %s is %v", number, mode, got)
			}
			modes[mode] = true
		}
		if len(modes) != 2 {
			t.Errorf("two healthy runs are in the modes %v", modes)
		}
	})
}

func TestWhatTakesLongComesFirst(t *testing.T) {
	t.Parallel()
	forEachPlan(t, func(t *testing.T, runs []selftest.Run) {
		if !slices.IsSortedFunc(runs, func(a, b selftest.Run) int { return b.Scenario.Holds - a.Scenario.Holds }) {
			t.Error("it does not")
		}
		plan := selftest.Planned(runs)
		for i, run := range runs {
			if len(plan) != len(runs) || plan[i].Key != run.Key || plan[i].Bare != run.Bare {
				t.Fatalf("the suite's plan is another one from %s on", run.Key)
			}
		}
	})
}

func TestWhatIsJudgedOnTheWireRunsBareButForALiveSubset(t *testing.T) {
	t.Parallel()
	for name, runs := range plans() {
		full := strings.HasPrefix(name, "full true")
		live := map[string][]string{}
		bare := 0
		for _, run := range runs {
			switch {
			case run.Bare:
				bare++
				if full || run.Healthy > 0 || !run.Scenario.OnTheWire {
					t.Errorf("%s: %s has no browser", name, run.Key)
				}
			case !full && run.Healthy == 0 && run.Scenario.OnTheWire:
				if run.Expect != selftest.MustFail {
					t.Errorf("%s: %s has a browser", name, run.Key)
				}
				live[run.Scenario.ID] = append(live[run.Scenario.ID], run.Fault)
			}
		}
		if (bare == 0) != full {
			t.Errorf("%s: %d runs are bare", name, bare)
		}
		for _, entry := range conformance.Catalogue() {
			if want := []string{entry.Faults[0]}; !full && entry.OnTheWire && !slices.Equal(live[entry.ID], want) {
				t.Errorf("%s: in the browser %s fails on %q, want %q", name, entry.ID, live[entry.ID], want)
			}
		}
	}
}

// scenario is one for the tests that need a small catalogue.
func scenario(id string, modes []conformance.Mode, fails ...string) conformance.Entry {
	entry := conformance.Entry{ID: id, Modes: modes, Faults: fails}
	for _, fault := range fails {
		entry.Proofs = append(entry.Proofs, conformance.Proof{Fault: fault, Symptoms: []judge.Symptom{judge.NotServed}})
	}
	return entry
}

var (
	allModes = []conformance.Mode{conformance.Token, conformance.Proxy, conformance.Native}
	few      = []conformance.Entry{
		scenario("a/named", allModes, "dead"), scenario("a/spoilt", allModes, "other"),
		scenario("b/one", allModes, "other"), scenario("b/two", allModes, "other"), scenario("b/three", allModes[2:], "other"),
	}
)

func keys(runs []selftest.Run) []string {
	var found []string
	for _, run := range runs {
		found = append(found, run.Key)
	}
	return found
}

func TestAFaultIsTriedInTheModesThatMatter(t *testing.T) {
	t.Parallel()
	anywhere := faults.Fault{Name: "dead", AlsoSpoils: []string{"a/spoilt"}}
	tied := faults.Fault{Name: "dead", AlsoSpoils: []string{"a/*"}, Modes: []string{"proxy", "native"}}
	for name, c := range map[string]struct {
		fault faults.Fault
		full  bool
		want  []string
	}{
		"anywhere": {anywhere, false, []string{"dead/token/a/named", "dead/token/b/one", "dead/token/b/two"}},
		"anywhere, full": {anywhere, true, []string{"dead/token/a/named", "dead/proxy/a/named", "dead/native/a/named",
			"dead/token/b/one", "dead/proxy/b/one", "dead/native/b/one", "dead/token/b/two", "dead/proxy/b/two", "dead/native/b/two", "dead/native/b/three"}},
		// In each of them it may be another program's.
		"in two modes": {tied, false, []string{"dead/proxy/a/named", "dead/native/a/named", "dead/proxy/b/one", "dead/proxy/b/two"}},
		"in two modes, full": {tied, true, []string{"dead/proxy/a/named", "dead/native/a/named",
			"dead/proxy/b/one", "dead/native/b/one", "dead/proxy/b/two", "dead/native/b/two", "dead/native/b/three"}},
	} {
		runs := selftest.Plan(few, []faults.Fault{c.fault}, selftest.Options{Full: c.full, MustPass: 2})
		if got := keys(runs); !slices.Equal(got, c.want) {
			t.Errorf("%s: planned are %q", name, got)
		}
	}
}

func TestTheRotationReachesEveryScenarioOverItsTurns(t *testing.T) {
	t.Parallel()
	fault := faults.Fault{Name: "dead", AlsoSpoils: []string{"a/spoilt"}}
	for n := range 5 {
		reached := map[string]bool{}
		for turn := range 3 {
			passing := keys(selftest.Plan(few, []faults.Fault{fault}, selftest.Options{MustPass: n, Turn: turn}))[1:]
			if len(passing) != min(n, 3) {
				t.Errorf("%d a turn: turn %d has %q", n, turn, passing)
			}
			for _, key := range passing {
				reached[key] = true
			}
		}
		if want := min(n, 1) * 3; len(reached) != want {
			t.Errorf("%d a turn: three turns reach %v, want %d", n, reached, want)
		}
	}
}

func TestEveryRealScenarioThatMustPassHasItsTurn(t *testing.T) {
	t.Parallel()
	want := map[string]bool{}
	for _, run := range selftest.Plan(conformance.Catalogue(), faults.All(), selftest.Options{MustPass: len(conformance.Catalogue())}) {
		want[run.Key] = true
	}
	for _, thin := range []int{1, 3} {
		got := map[string]bool{}
		for turn := range thin * len(conformance.Catalogue()) {
			for _, run := range selftest.Plan(conformance.Catalogue(), faults.All(), selftest.Options{MustPass: 2, Thin: thin, Turn: turn}) {
				got[run.Key] = true
			}
		}
		for key := range want {
			if !got[key] {
				t.Errorf("with every fault of %d, %s never has its turn", thin, key)
			}
		}
	}
}

func TestAThinPlanLeavesOutWhatMustPassAlone(t *testing.T) {
	t.Parallel()
	count := func(thin int) (failing, passing int) {
		for _, run := range selftest.Plan(conformance.Catalogue(), faults.All(), selftest.Options{MustPass: 1, Thin: thin, Turn: 5}) {
			if run.Expect == selftest.MustFail {
				failing++
			} else {
				passing++
			}
		}
		return failing, passing
	}
	failing, passing := count(1)
	thinFailing, thinPassing := count(3)
	if thinFailing != failing || thinPassing < passing/4 || thinPassing > passing/2 {
		t.Errorf("of %d and %d, about a third of the latter has to be planned: planned are %d and %d", failing, passing, thinFailing, thinPassing)
	}
}

func TestOnlyTheFaultsThatWereAskedForArePlantedAndAsEver(t *testing.T) {
	t.Parallel()
	options := selftest.Options{MustPass: 2, Turn: 3}
	all := selftest.Plan(conformance.Catalogue(), faults.All(), options)
	options.Faults = []string{faults.GroupDropped.Name, faults.RefreshNever.Name}
	some := keys(selftest.Plan(conformance.Catalogue(), faults.All(), options))
	want := keys(slices.DeleteFunc(all, func(run selftest.Run) bool { return !slices.Contains(options.Faults, run.Fault) }))
	if len(want) == 0 || !slices.Equal(some, want) {
		t.Errorf("planned are %q, want %q", some, want)
	}
	if none := selftest.Plan(conformance.Catalogue(), nil, selftest.Options{MustPass: 2}); len(none) > 0 {
		t.Errorf("without a fault, planned are %q", keys(none))
	}
}

func TestOneScenarioIsPlannedWithItsOwnFaultsAndWithoutOne(t *testing.T) {
	t.Parallel()
	for _, entry := range conformance.Catalogue() {
		runs := selftest.Plan(conformance.Catalogue(), faults.All(), selftest.Options{MustPass: 2, Turn: 3, Healthy: 2, Scenarios: []string{entry.ID}})
		failing, healthy := map[string]bool{}, map[int]bool{}
		for _, run := range runs {
			if run.Scenario.ID != entry.ID {
				t.Errorf("%s: %s is planned too", entry.ID, run.Key)
			}
			switch {
			case run.Expect == selftest.MustFail:
				failing[run.Fault] = true
			case run.Healthy > 0:
				healthy[run.Healthy] = true
			default:
				t.Errorf("%s: %s has to pass, and nobody asked for it", entry.ID, run.Key)
			}
		}
		want := slices.Sorted(slices.Values(entry.Faults))
		if got := slices.Sorted(maps.Keys(failing)); !slices.Equal(got, want) || len(healthy) != 2 {
			t.Errorf("%s has to fail on %q, want %q, and is planned in %d healthy runs of 2", entry.ID, got, want, len(healthy))
		}
	}
}

func TestOneScenarioIsPlannedWithWhatElseWasAskedFor(t *testing.T) {
	t.Parallel()
	dead, other := faults.Fault{Name: "dead", AlsoSpoils: []string{"a/spoilt"}}, faults.Fault{Name: "other"}
	for name, c := range map[string]struct {
		options selftest.Options
		want    []string
	}{
		"a fault that it has to pass in spite of": {selftest.Options{Scenarios: []string{"b/one"}, Faults: []string{"dead"}}, []string{"dead/token/b/one"}},
		"a fault that spoils it":                  {selftest.Options{Scenarios: []string{"a/spoilt"}, Faults: []string{"dead"}}, nil},
		"every fault in every mode": {
			selftest.Options{Scenarios: []string{"b/three", "a/spoilt"}, Full: true},
			[]string{"dead/native/b/three", "other/token/a/spoilt", "other/proxy/a/spoilt", "other/native/a/spoilt", "other/native/b/three"},
		},
		// In a mode that it knows, whichever turn it is.
		"a healthy run of one that knows one mode": {
			selftest.Options{Scenarios: []string{"b/three"}, Faults: []string{"none of these"}, Healthy: 2},
			[]string{"healthy-1/native/b/three", "healthy-2/native/b/three"},
		},
		"one that there is not": {selftest.Options{Scenarios: []string{"b/none"}, Healthy: 1}, nil},
	} {
		if got := keys(selftest.Plan(few, []faults.Fault{dead, other}, c.options)); !slices.Equal(got, c.want) {
			t.Errorf("%s: planned are %q, want %q", name, got, c.want)
		}
	}
}
