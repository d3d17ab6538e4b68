package doctor_test

import (
	"os"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
)

// TestMain puts what the tests start under a reaper: a test that is killed leaves
// no Keycloak behind.
func TestMain(m *testing.M) { os.Exit(reaper.Run(m.Run)) }
