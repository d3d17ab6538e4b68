package conformance

import (
	"context"
	"fmt"
	"os"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
	stands "github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
)

// ReportVariable names the environment variable that says where a suite with a
// stand of its own leaves its evidence.
const ReportVariable = "HEADLAMP_CONFORMANCE_REPORT"

// bringUp starts a stand for a suite that was run by ginkgo or go test alone,
// on the reference dashboard and with the command's defaults.
func bringUp(ctx context.Context) (*stands.Stand, error) {
	chosen := settings.Defaults()
	chosen.ReportDir = os.Getenv(ReportVariable)
	if chosen.ReportDir == "" {
		return nil, fmt.Errorf("say with %s where the report directory is", ReportVariable)
	}
	resolved, err := chosen.Resolve(ctx)
	if err != nil {
		return nil, err
	}
	if resolved.RunDir, err = reaper.MkdirTemp(); err != nil {
		return nil, err
	}
	resolved.Progress = progress.To(os.Stderr)
	return stands.Start(ctx, resolved)
}
