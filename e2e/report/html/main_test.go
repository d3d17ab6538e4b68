package html_test

import (
	"os"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
)

// TestMain puts the browser that the tests start under a reaper: a test that is
// killed leaves none behind.
func TestMain(m *testing.M) { os.Exit(reaper.Run(m.Run)) }
