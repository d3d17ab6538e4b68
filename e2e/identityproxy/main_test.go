package identityproxy_test

import (
	"os"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
)

// TestMain puts the proxies under a reaper: a test that is killed leaves none behind.
func TestMain(m *testing.M) { os.Exit(reaper.Run(m.Run)) }
