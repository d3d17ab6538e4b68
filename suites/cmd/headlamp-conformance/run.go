package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

// referenceNotice is the first and the last line of a run on the reference.
const referenceNotice = "REFERENCE DASHBOARD: this says nothing about Headlamp"

// summaryInterval is how often a run says which specs do what.
const summaryInterval = 10 * time.Second

// runOptions are the options of run alone.
type runOptions struct {
	settings.Settings
	filter    string
	strict    bool
	standPath string
}

func newRunCommand() *cobra.Command {
	options := runOptions{Settings: settings.Defaults()}
	command := &cobra.Command{
		Use: "run", Short: "Run the suite on a dashboard and judge it", Args: noArguments,
		Example: "  headlamp-conformance run                                    # on the bundled reference dashboard\n" +
			"  headlamp-conformance run --headlamp ./headlamp              # a directory with headlamp-server and frontend/\n" +
			"  headlamp-conformance run --label-filter 'session && core'   # some scenarios, see list",
		Annotations: map[string]string{startsProcesses: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			return run(command.Context(), options, progress.To(command.OutOrStdout()))
		},
	}
	flags := command.Flags()
	addStandFlags(flags, &options.Settings)
	flags.IntVar(&options.Procs, "procs", options.Procs, "how many scenarios run at once")
	flags.StringVar(&options.filter, "label-filter", "", "which scenarios run, by Ginkgo's label filters")
	flags.BoolVar(&options.strict, "strict", false, "exit with 1 when the dashboard is not conformant, recorded or not")
	flags.StringVar(&options.standPath, "stand", "", "descriptor of a stand that 'up' has brought up; its settings are used")
	return command
}

// run runs the suite and ends with the judge's exit code.
func run(ctx context.Context, options runOptions, printer *progress.Printer) error {
	begun := time.Now()
	resolved, err := options.resolve(ctx)
	mode := conformance.Mode(resolved.Identity)
	if err != nil {
		mode = conformance.Mode(options.Identity)
	}
	chosen, chooseErr := conformance.Choose(mode, options.filter)
	if !slices.Contains(settings.IdentityModes, string(mode)) {
		// The settings say so already.
		chooseErr = nil
	}
	if err := errors.Join(mistakesOf(err, chooseErr)); err != nil {
		return err
	}
	plan := conformance.Once(chosen, mode)
	if resolved.RunDir, err = reaper.MkdirTemp(); err != nil {
		return err
	}
	resolved.Progress = printer
	notice := ""
	if resolved.Dashboard.Name == dashboard.Reference {
		notice = referenceNotice
		printer.Linef("%s", notice)
	}
	printer.Linef("%d scenarios on %s, identity mode %s, tokens of %s, %d expiries; report in %s",
		len(chosen), resolved.Dashboard.Label(), resolved.Identity, resolved.Lifetime, resolved.Expiries, resolved.ReportDir)

	saved := newSavedRun(resolved, options, plan, begun)
	listener, stopBoard, err := listenToSpecs(resolved.RunDir, printer)
	if err != nil {
		return err
	}
	resolved.ProgressSocket = listener.path
	broken := runOnStand(ctx, resolved, options, plan, saved, printer)
	stopBoard()
	if exit := stopsHere(broken); exit != nil {
		return exit
	}
	if broken != nil {
		saved.Broken = broken.Error()
	}
	saved.Seconds = time.Since(begun).Seconds()
	if err := saved.save(resolved.ReportDir); err != nil {
		return err
	}
	code, err := judgeSaved(resolved.ReportDir, options.strict, printer)
	if err != nil {
		return err
	}
	if notice != "" {
		printer.Linef("%s", notice)
	}
	if code != exitAsRecorded {
		return &exitError{code}
	}
	return nil
}

// stopsHere says whether an error means that nothing was started.
func stopsHere(err error) error {
	if err != nil && exitCode(err, discard{}) == exitUsage {
		return err
	}
	return nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// resolve checks the settings. A run on a stand that is up takes the stand's.
func (o runOptions) resolve(ctx context.Context) (stand.Settings, error) {
	if o.standPath == "" {
		return o.Settings.Resolve(ctx)
	}
	descriptor, err := stand.Load(o.standPath)
	if err != nil {
		return stand.Settings{}, &usageError{err}
	}
	return stand.Settings{
		ReportDir: descriptor.ReportDir, Dashboard: descriptor.Dashboard, Identity: descriptor.Identity,
		Lifetime: descriptor.Lifetime, Expiries: descriptor.Expiries,
	}, nil
}

// mistakesOf puts all mistakes into one error.
func mistakesOf(resolveErr, chooseErr error) error {
	var invalid *settings.InvalidError
	switch {
	case chooseErr == nil:
		return resolveErr
	case resolveErr == nil:
		return &usageError{chooseErr}
	case errors.As(resolveErr, &invalid):
		return &settings.InvalidError{Mistakes: append(invalid.Mistakes, chooseErr)}
	default:
		return &usageError{errors.Join(resolveErr, chooseErr)}
	}
}

// runOnStand brings the stand up, unless one is up, and runs the suite on it.
func runOnStand(ctx context.Context, resolved stand.Settings, options runOptions, plan []conformance.Planned, saved *savedRun, printer *progress.Printer) (err error) {
	descriptorPath := options.standPath
	if descriptorPath == "" {
		if err := emptyEvidence(resolved.ReportDir); err != nil {
			return err
		}
		started, err := stand.Start(ctx, resolved)
		if err != nil {
			return err
		}
		defer func() {
			done := printer.Step("stop the stand", nil)
			stopErr := started.Stop()
			done(stopErr)
			err = errors.Join(err, stopErr)
		}()
		descriptorPath = started.DescriptorPath()
	}
	if err := saved.describeStand(ctx, descriptorPath); err != nil {
		return err
	}
	keys := make([]string, len(plan))
	for i, planned := range plan {
		keys[i] = planned.Key
	}
	printer.Linef("running %s", strings.Join(keys, ", "))
	return runSuiteInParallel(ctx, suiteOptions{
		runDir: resolved.RunDir, descriptor: descriptorPath, plan: plan, procs: min(options.Procs, len(plan)),
		log: filepath.Join(resolved.ReportDir, "ginkgo.log"),
	})
}

// emptyEvidence removes the evidence of an earlier run: it says nothing about
// this one.
func emptyEvidence(reportDir string) error {
	for _, name := range []string{"evidence", report.FileName, report.JUnitName, "ginkgo.log"} {
		if err := os.RemoveAll(filepath.Join(reportDir, name)); err != nil {
			return fmt.Errorf("remove what an earlier run left in the report directory: %w", err)
		}
	}
	return nil
}

type specListener struct{ path string }

// listenToSpecs prints what the suite's processes say they do.
func listenToSpecs(runDir string, printer *progress.Printer) (*specListener, func(), error) {
	board := live.NewBoard()
	path := filepath.Join(runDir, "progress")
	listener, err := live.Listen(path, func(message live.Message) {
		if line := board.Take(message); line != "" {
			printer.Linef("  %s", line)
		}
	})
	if err != nil {
		return nil, nil, err
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
	stop := func() {
		close(ended)
		watcher.Wait()
		_ = listener.Close()
	}
	return &specListener{path: path}, stop, nil
}
