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

// carryOut runs what is planned, and saves what the judge needs to know of it. A
// stand that breaks down is no error: it is the judge's to see.
func carryOut(ctx context.Context, resolved stand.Settings, options runOptions, saved *savedRun, begun time.Time, printer *progress.Printer) error {
	var err error
	if resolved.RunDir, err = reaper.MkdirTemp(); err != nil {
		return err
	}
	resolved.Progress = printer
	if err := emptyEvidence(resolved.ReportDir); err != nil {
		return err
	}
	// Saved at once: a run that is killed leaves a directory that the judge and
	// the next run know for a run's.
	saved.Broken = "the run was killed"
	if err := saved.save(resolved.ReportDir); err != nil {
		return err
	}
	socket, stopBoard, err := listenToSpecs(resolved.RunDir, printer)
	if err != nil {
		return err
	}
	broken := runOnStand(ctx, resolved, options, socket, saved, printer)
	stopBoard()
	if exit := stopsHere(broken); exit != nil {
		return exit
	}
	saved.Broken = ""
	if broken != nil {
		saved.Broken = broken.Error()
	}
	saved.Seconds = time.Since(begun).Seconds()
	return saved.save(resolved.ReportDir)
}

// stopsHere says whether an error means that nothing was started.
func stopsHere(err error) error {
	if err != nil && exitCode(err, io.Discard) == exitUsage {
		return err
	}
	return nil
}

// runOnStand brings the stand up, unless one is up, and runs the suite on it.
func runOnStand(ctx context.Context, resolved stand.Settings, options runOptions, socket string, saved *savedRun, printer *progress.Printer) error {
	descriptorPath := options.standPath
	if descriptorPath == "" {
		started, err := stand.Start(ctx, resolved)
		if err != nil {
			return err
		}
		defer func() {
			done := printer.Step("stop the stand", nil)
			err := started.Stop()
			done(err)
			if err != nil {
				// No verdict depends on it any more, and the reaper comes after us.
				printer.Linef("  %v", err)
			}
		}()
		descriptorPath = started.DescriptorPath()
	}
	if err := saved.describeStand(ctx, descriptorPath); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		printer.Linef("interrupted: saving the evidence and stopping the stand, %s at most; Ctrl-C again ends at once, without a report", interruptGrace)
	})
	defer stop()
	begun, meter := time.Now(), cost.Start(costGroups(resolved))
	err := runSuiteInParallel(ctx, suiteOptions{
		runDir: resolved.RunDir, descriptor: descriptorPath, plan: saved.Planned, progress: socket, procs: min(options.Procs, len(saved.Planned)),
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
