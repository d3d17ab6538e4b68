package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
)

// PlanVariable names the environment variable that tells the suite which file
// holds its plan. Without it every scenario runs once, in the stand's identity
// mode.
const PlanVariable = "HEADLAMP_CONFORMANCE_PLAN"

// Planned is one run of a scenario.
type Planned struct {
	// Key is its name in this run of the suite: the scenario's id, or more than
	// that when the scenario runs several times.
	Key      string `json:"key"`
	Scenario Entry  `json:"scenario"`
	Mode     Mode   `json:"mode"`            // empty: the stand's
	Fault    string `json:"fault,omitempty"` // that is planted, or empty
	// Hold is how long a hold takes: the lifetimes of the tokens that it
	// outlives, taken together. 0 is the command's default.
	Hold time.Duration `json:"hold,omitempty"`
	// Bare is without a browser, which only a promise on the wire can be shown
	// without.
	Bare bool `json:"bare,omitempty"`
}

// Once plans one run of each scenario.
func Once(entries []Entry, mode Mode) []Planned {
	plan := make([]Planned, len(entries))
	for i, entry := range entries {
		plan[i] = Planned{Key: entry.ID, Scenario: entry, Mode: mode}
	}
	return plan
}

// SavePlan writes a plan for the suite's processes.
func SavePlan(path string, plan []Planned) error {
	content, err := json.MarshalIndent(plan, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the suite's plan: %w", err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("write the suite's plan: %w", err)
	}
	return nil
}

// loadPlan returns the plan of this process.
func loadPlan() ([]Planned, error) {
	path := os.Getenv(PlanVariable)
	if path == "" {
		return Once(Catalogue(), ""), nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the suite's plan: %w", err)
	}
	var plan []Planned
	if err := json.Unmarshal(content, &plan); err != nil {
		return nil, fmt.Errorf("read the suite's plan %s: %w", path, err)
	}
	for i, planned := range plan {
		if plan[i].Scenario, err = registered(planned); err != nil {
			return nil, fmt.Errorf("the suite's plan %s: %w", path, err)
		}
	}
	return plan, nil
}

// registered returns the scenario of a planned run as this program has it: the
// plan holds only a part of it.
func registered(planned Planned) (Entry, error) {
	number := slices.IndexFunc(catalogue, func(entry Entry) bool { return entry.ID == planned.Scenario.ID })
	if number < 0 {
		return Entry{}, fmt.Errorf("there is no scenario %q", planned.Scenario.ID)
	}
	if _, err := faults.Find(planned.Fault); err != nil {
		return Entry{}, err
	}
	entry := catalogue[number]
	if planned.Bare && !entry.OnTheWire {
		return Entry{}, fmt.Errorf("%s cannot be shown without a browser", planned.Key)
	}
	return entry, nil
}
