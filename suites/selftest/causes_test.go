package selftest_test

import (
	"slices"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
)

// unplanted are the causes that no fault plants; docs/causes.md says why.
var unplanted = []diagnosis.Cause{diagnosis.RealmAnew, diagnosis.NoUsername}

func TestEveryCauseIsPlanted(t *testing.T) {
	t.Parallel()
	known := diagnosis.Causes()
	planted := slices.Clone(unplanted)
	for _, fault := range faults.All() {
		if fault.Cause == "" {
			continue
		}
		planted = append(planted, diagnosis.Cause(fault.Cause))
		if !slices.Contains(known, diagnosis.Cause(fault.Cause)) {
			t.Errorf("%s plants the cause %q, which nothing names", fault.Name, fault.Cause)
		}
	}
	for _, cause := range known {
		if !slices.Contains(planted, cause) {
			t.Errorf("nothing plants %s", cause)
		}
	}
}
