package suites

import (
	"os"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	"github.com/headlamp-conformance/headlamp-conformance/suites/roles"
)

// TestMain puts everything that the suite starts under a reaper when the suite
// brings up a stand of its own.
func TestMain(m *testing.M) {
	roles.Play()
	if os.Getenv(conformance.StandVariable) != "" {
		os.Exit(m.Run())
	}
	os.Exit(reaper.Run(m.Run))
}

// TestConformance runs all scenarios: attached to the stand that the
// environment names, or on one of its own when it is asked to.
func TestConformance(t *testing.T) {
	if os.Getenv(conformance.StandVariable) == "" && os.Getenv(conformance.OwnStandVariable) == "" {
		// A plain `go test ./...` must stay quick: the suite is run by the
		// command, which `make test` does as well.
		t.Skipf("set %s to a stand's descriptor, or %s=1 to bring one up", conformance.StandVariable, conformance.OwnStandVariable)
	}
	conformance.Run(t)
}
