package settings_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/reference"
)

// reportVariable makes the test binary resolve the default settings, with this
// report directory, and print what is wrong with them.
const reportVariable = "SETTINGS_TEST_REPORT"

func TestMain(m *testing.M) {
	dashboard.Isolate()
	if filepath.Base(os.Args[0]) == reference.Name {
		os.Exit(reference.Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	if dir := os.Getenv(reportVariable); dir != "" {
		chosen := settings.Defaults()
		chosen.ReportDir = dir
		_, err := chosen.Resolve(context.Background())
		fmt.Println(err)
		return
	}
	os.Exit(m.Run())
}
