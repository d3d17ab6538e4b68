package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/matrix"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

// matrixOptions are the options of a matrix that runs the suite.
type matrixOptions struct {
	runOptions
	headlamps []string
}

// matrixRun is the run of one dashboard of a matrix.
type matrixRun struct {
	given    string
	resolved stand.Settings
	saved    *savedRun
}

// run runs the suite on each dashboard, one after the other on one stand, judges
// each run as soon as it has ended, and draws the table. Mistakes that were found
// elsewhere are said with its own.
func (o matrixOptions) run(ctx context.Context, earlier []matrix.Named, mistakes error, screen *terminal) error {
	printer := progress.To(screen)
	runs, err := o.plan(ctx, mistakes)
	if err != nil {
		return err
	}
	first := runs[0]
	reportDir := filepath.Dir(first.resolved.ReportDir)
	printer.Linef("%d scenarios on each of %d dashboards, one after the other on one stand, identity mode %s, tokens of %s, %d expiries; reports in %s",
		len(first.saved.Planned), len(runs), first.resolved.Identity, first.resolved.Lifetime, first.resolved.Expiries, reportDir)
	for _, run := range runs {
		if err := run.saved.begin(run.resolved.ReportDir); err != nil {
			return err
		}
	}
	named, code, err := o.runEach(ctx, runs, screen, printer)
	if err != nil {
		return err
	}
	if err := saveMatrix(matrix.Of(append(earlier, named...)), reportDir, printer); err != nil {
		return err
	}
	return exitWith(code)
}

// runEach brings the stand up, runs the suite on each dashboard, and returns
// their reports with the worst exit code.
func (o matrixOptions) runEach(ctx context.Context, runs []matrixRun, screen *terminal, printer *progress.Printer) ([]matrix.Named, int, error) {
	ready, broken := makeReady(ctx, runs[0].resolved, "", printer)
	if exit := stopsHere(broken); exit != nil {
		return nil, 0, exit
	}
	if ready != nil {
		defer ready.close()
	}
	code := exitAsRecorded
	var named []matrix.Named
	for i, run := range runs {
		printer.Linef("\n%d of %d: %s (%s); report in %s", i+1, len(runs), run.resolved.Dashboard.Label(), run.given, run.resolved.ReportDir)
		ended, err := o.runOne(ctx, ready, broken, run, screen)
		if err != nil {
			return nil, 0, err
		}
		code = worse(code, ended)
		read, err := report.Load(run.resolved.ReportDir)
		if err != nil {
			return nil, 0, err
		}
		named = append(named, matrix.Named{Name: run.given, Report: read})
	}
	return named, code, nil
}

// plan checks the options and plans a run of each dashboard.
func (o matrixOptions) plan(ctx context.Context, mistakes error) ([]matrixRun, error) {
	for _, given := range o.headlamps {
		if given == "" {
			mistakes = errors.Join(mistakes, errors.New("--headlamp is given and empty; a matrix takes directories"))
		}
	}
	chosen, err := o.choose()
	each, err := o.ResolveEach(ctx, o.headlamps, mistakes, err)
	if err != nil {
		return nil, err
	}
	var runs []matrixRun
	for i, resolved := range each {
		plan := conformance.Once(chosen, conformance.Mode(resolved.Identity))
		runs = append(runs, matrixRun{o.headlamps[i], resolved, o.record(resolved, plan, time.Now())})
	}
	return runs, nil
}

// runOne runs the suite on one dashboard and judges it. On a stand that is not
// there, or after an interruption, it only writes a report that says so.
func (o matrixOptions) runOne(ctx context.Context, ready *readyStand, broken error, run matrixRun, screen *terminal) (int, error) {
	begun, printer := time.Now(), progress.To(screen)
	run.saved.Report.Date = begun.UTC().Truncate(time.Second)
	if ctx.Err() != nil {
		broken = errors.New("the run was interrupted before it was this dashboard's turn")
	}
	if broken != nil {
		// Its scenarios all say the same.
		printer.Linef("  not run: %v", broken)
		printer = nil
	} else {
		broken = ready.carryOut(ctx, run.resolved, o.Procs, run.saved)
	}
	if err := run.saved.end(run.resolved.ReportDir, broken, begun); err != nil {
		return 0, err
	}
	var exit *exitError
	err := judgeAndTell(run.resolved.ReportDir, run.saved, o.strict, screen, printer)
	if errors.As(err, &exit) {
		return exit.code, nil
	}
	return exitAsRecorded, err
}

// worse is the exit code that says more against what was run.
func worse(code, other int) int {
	for _, worst := range []int{exitNotRecorded, exitBlocked} {
		if code == worst || other == worst {
			return worst
		}
	}
	return exitAsRecorded
}

// saveMatrix prints the table, and keeps it beside the reports.
func saveMatrix(table matrix.Table, reportDir string, printer *progress.Printer) error {
	for name, write := range map[string]func(io.Writer) error{"matrix.md": table.WriteMarkdown, "matrix.html": table.WriteHTML} {
		var drawn strings.Builder
		if err := write(&drawn); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(reportDir, name), []byte(drawn.String()), 0o644); err != nil {
			return fmt.Errorf("keep the table: %w", err)
		}
	}
	var drawn strings.Builder
	if err := table.WriteText(&drawn); err != nil {
		return err
	}
	printer.Linef("\n%s", strings.TrimRight(drawn.String(), "\n"))
	printer.Linef("The table is in %s, and as matrix.md beside it", filepath.Join(reportDir, "matrix.html"))
	return nil
}
