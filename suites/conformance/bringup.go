package conformance

import (
	"context"
	"os"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
	stands "github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
)

// bringUp starts a stand for a suite that was run by ginkgo or go test alone,
// on the reference dashboard and with the command's defaults.
func bringUp(ctx context.Context) (*stands.Stand, error) {
	chosen := settings.Defaults()
	// Beside the tests, where go test leaves no trace of its own.
	chosen.ReportDir = os.Getenv("HEADLAMP_CONFORMANCE_REPORT")
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
