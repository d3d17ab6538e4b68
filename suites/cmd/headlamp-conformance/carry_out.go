package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cost"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/html"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
)

// summaryInterval is how often a run says which specs do what.
const summaryInterval = 10 * time.Second

// carryOut runs what is planned, on a stand of its own or on one that is up, and
// saves what the judge needs to know of it. A stand that breaks down is no error:
// it is the judge's to see.
func carryOut(ctx context.Context, resolved stand.Settings, options runOptions, saved *savedRun, begun time.Time, printer *progress.Printer) error {
	if err := saved.begin(resolved.ReportDir); err != nil {
		return err
	}
	ready, broken := makeReady(ctx, resolved, options.standPath, printer)
	if broken == nil {
		broken = ready.carryOut(ctx, resolved, options.Procs, saved)
		ready.close()
	}
	if exit := stopsHere(broken); exit != nil {
		return exit
	}
	return saved.end(resolved.ReportDir, broken, begun)
}

// stopsHere says whether an error means that nothing was started.
func stopsHere(err error) error {
	if err != nil && exitCode(err, io.Discard) == exitUsage {
		return err
	}
	return nil
}

// readyStand is a stand that is up, for runs one after the other.
type readyStand struct {
	runDir     string // this command's own, also when the stand is another's
	descriptor stand.Descriptor
	printer    *progress.Printer
	started    *stand.Stand // nil: it is another's
}

// makeReady brings the stand up, unless the path of one that is up is given.
func makeReady(ctx context.Context, resolved stand.Settings, standPath string, printer *progress.Printer) (*readyStand, error) {
	runDir, err := reaper.MkdirTemp()
	if err != nil {
		return nil, err
	}
	ready := &readyStand{runDir: runDir, printer: printer}
	if standPath != "" {
		ready.descriptor, err = stand.Load(standPath)
		return ready, err
	}
	resolved.RunDir, resolved.Progress = runDir, printer
	if ready.started, err = stand.Start(ctx, resolved); err != nil {
		return nil, err
	}
	ready.descriptor = ready.started.Descriptor()
	return ready, nil
}

// close stops the stand, unless it is another's.
func (r *readyStand) close() {
	if r.started == nil {
		return
	}
	done := r.printer.Step("stop the stand", nil)
	err := r.started.Stop()
	done(err)
	if err != nil {
		// No verdict depends on it any more, and the reaper comes after us.
		r.printer.Linef("  %v", err)
	}
}

// carryOut runs the suite on one dashboard. The stand is described anew for it:
// it leads to that dashboard, and to its report.
func (r *readyStand) carryOut(ctx context.Context, resolved stand.Settings, procs int, saved *savedRun) error {
	dir, err := os.MkdirTemp(r.runDir, "suite-")
	if err != nil {
		return fmt.Errorf("make a directory for the suite: %w", err)
	}
	descriptor, path := r.descriptor, filepath.Join(dir, "stand.json")
	descriptor.Dashboard, descriptor.ReportDir = resolved.Dashboard, resolved.ReportDir
	if err := descriptor.Save(path); err != nil {
		return err
	}
	if err := saved.describeStand(ctx, descriptor); err != nil {
		return err
	}
	socket, stopBoard, err := listenToSpecs(r.runDir, r.printer)
	if err != nil {
		return err
	}
	defer stopBoard()
	stop := context.AfterFunc(ctx, func() {
		r.printer.Linef("interrupted: saving the evidence and stopping the stand, %s at most; Ctrl-C again ends at once, without a report", interruptGrace)
	})
	defer stop()
	saved.ledger = descriptor.Ledger()
	begun, meter := time.Now(), cost.Start(costGroups(resolved))
	err = runSuiteInParallel(ctx, suiteOptions{
		runDir: dir, descriptor: path, plan: saved.Planned, progress: socket, procs: min(procs, len(saved.Planned)),
		log: filepath.Join(resolved.ReportDir, "ginkgo.log"),
	})
	saved.Report.Costs = report.NewCosts(meter.Stop(), time.Since(begun))
	return err
}

// costGroups are the programs of a run by what they are told as.
func costGroups(resolved stand.Settings) cost.Groups {
	groups := cost.Groups{
		"java": report.KeycloakCosts, "etcd": report.ClusterCosts, "kube-apiserver": report.ClusterCosts,
		resolved.Dashboard.Program(): report.DashboardCosts, faultyName: report.DashboardCosts,
	}
	for _, name := range provision.Browsers() {
		groups[name] = report.BrowserCosts
	}
	return groups
}

// emptyEvidence removes the evidence of an earlier run: it says nothing about
// this one.
func emptyEvidence(reportDir string) error {
	for _, name := range []string{"evidence", report.FileName, report.JUnitName, html.FileName, "ginkgo.log"} {
		if err := os.RemoveAll(filepath.Join(reportDir, name)); err != nil {
			return fmt.Errorf("remove what an earlier run left in the report directory: %w", err)
		}
	}
	return nil
}

// listenToSpecs prints what the suite's processes say they do.
func listenToSpecs(runDir string, printer *progress.Printer) (socket string, stop func(), err error) {
	board := live.NewBoard()
	socket = filepath.Join(runDir, "progress")
	listener, err := live.Listen(socket, func(message live.Message) {
		if line := board.Take(message); line != "" {
			printer.Linef("  %s", line)
		}
	})
	if err != nil {
		return "", nil, err
	}
	ended := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		ticker := time.NewTicker(summaryInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				return
			case now := <-ticker.C:
				if line := board.Summary(now); line != "" {
					printer.Linef("  %s", line)
				}
			}
		}
	})
	return socket, func() {
		close(ended)
		watcher.Wait()
		_ = listener.Close()
	}, nil
}
