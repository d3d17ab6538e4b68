package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
)

// handOver saves a plan and loads it, as the command and the suite do.
func handOver(t *testing.T, plan ...Planned) ([]Planned, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.json")
	if err := SavePlan(path, plan); err != nil {
		t.Fatal(err)
	}
	t.Setenv(PlanVariable, path)
	return loadPlan()
}

func TestAPlannedRunIsHandedOverWithAllThatTheCatalogueKnows(t *testing.T) {
	stocked(t)
	catalogue[0].Holds, catalogue[0].OnTheWire = 2, true
	planned := Planned{Key: "f/token/bare/session/hold", Scenario: catalogue[0], Mode: Token, Fault: faults.RefreshNever.Name, Bare: true}
	plan, err := handOver(t, planned, Planned{Key: "login/popup", Scenario: popup})
	if err != nil || len(plan) != 2 {
		t.Fatalf("%+v, %v", plan, err)
	}
	got := plan[0]
	if got.Key != planned.Key || got.Mode != Token || got.Fault != planned.Fault || !got.Bare || got.Scenario.ID != hold.ID {
		t.Errorf("got %+v", got)
	}
	// Longest first is decided by what does not stand in the plan.
	if got.Scenario.Holds != 2 || !got.Scenario.OnTheWire {
		t.Errorf("the scenario is %+v", got.Scenario)
	}
	if plan[1].Bare || plan[1].Fault != "" || plan[1].Mode != "" {
		t.Errorf("got %+v", plan[1])
	}
}

func TestAPlanThatCannotBeRunIsRefused(t *testing.T) {
	stocked(t)
	for name, c := range map[string]struct {
		planned Planned
		reason  string
	}{
		"another scenario":            {Planned{Key: "k", Scenario: Entry{ID: "session/other"}}, `no scenario "session/other"`},
		"another fault":               {Planned{Key: "k", Scenario: popup, Fault: "other"}, `no fault "other"`},
		"a page without a browser":    {Planned{Key: "k/login/popup", Scenario: popup, Bare: true}, "k/login/popup cannot be shown without a browser"},
		"a plan that says it is able": {Planned{Key: "k", Scenario: Entry{ID: popup.ID, OnTheWire: true}, Bare: true}, "without a browser"},
	} {
		_, err := handOver(t, c.planned)
		if err == nil || !strings.Contains(err.Error(), c.reason) || !strings.Contains(err.Error(), os.Getenv(PlanVariable)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv(PlanVariable, filepath.Join(t.TempDir(), "absent"))
	if _, err := loadPlan(); err == nil {
		t.Error("a plan that is not there was loaded")
	}
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(PlanVariable, broken)
	if _, err := loadPlan(); err == nil || !strings.Contains(err.Error(), broken) {
		t.Errorf("a broken plan: %v", err)
	}
}

func TestWithoutAPlanEveryScenarioRunsOnceInTheBrowser(t *testing.T) {
	stocked(t)
	t.Setenv(PlanVariable, "")
	plan, err := loadPlan()
	if err != nil || len(plan) != 3 {
		t.Fatalf("%+v, %v", plan, err)
	}
	for _, planned := range append(plan, Once(Catalogue(), Proxy)...) {
		if planned.Bare || planned.Key != planned.Scenario.ID || planned.Fault != "" {
			t.Errorf("planned is %+v", planned)
		}
	}
}
