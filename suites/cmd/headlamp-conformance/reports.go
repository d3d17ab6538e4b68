package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/baselines"
)

// loadReport reads what a person names as a report: a path, or a version of
// Headlamp that has a stored one. A path that is there comes first. Of evidence it
// names what the reader can open: a stored report has none.
func loadReport(named string) (report.Report, error) {
	_, err := os.Stat(named)
	if content, stored := baselines.Find(named); stored && errors.Is(err, fs.ErrNotExist) {
		baseline, err := report.Parse(content)
		if err != nil {
			return report.Report{}, fmt.Errorf("read the stored report of Headlamp %s: %w", named, err)
		}
		return baseline.WithEvidenceIn(""), nil
	}
	read, err := report.Load(named)
	if errors.Is(err, fs.ErrNotExist) {
		return report.Report{}, fmt.Errorf("%w, or a version that has a stored one: %s", err, strings.Join(baselines.Versions(), ", "))
	}
	return read.WithEvidenceIn(report.Directory(named)), err
}
