package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	ginkgocommand "github.com/onsi/ginkgo/v2/ginkgo/command"
	ginkgorun "github.com/onsi/ginkgo/v2/ginkgo/run"

	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

// The names under which this program is Ginkgo's command line, and the suite
// that it runs. Ginkgo knows a compiled suite by its ending.
const (
	ginkgoName = "ginkgo"
	suiteName  = "conformance.test"
)

// interruptGrace is how long Ginkgo has, after Ctrl-C, for cleanup and reports.
const interruptGrace = 20 * time.Second

// runGinkgo is Ginkgo's command line, which alone can run one suite in several
// processes. It ends the process.
func runGinkgo() {
	ginkgocommand.Program{Name: ginkgoName, DefaultCommand: ginkgorun.BuildRunCommand()}.RunAndExit(os.Args)
}

// suiteOptions say how the suite is run.
type suiteOptions struct {
	runDir     string
	descriptor string
	plan       []conformance.Planned
	progress   string // socket for what the specs are doing
	procs      int
	log        string // file for Ginkgo's own output
}

// runSuiteInParallel runs the compiled suite to its end. Failing specs are no
// error here: what became of each is in its saved outcome.
func runSuiteInParallel(ctx context.Context, options suiteOptions) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	suite := filepath.Join(options.runDir, suiteName)
	if err := os.Symlink(self, suite); err != nil {
		return fmt.Errorf("name this program as the suite: %w", err)
	}
	plan := filepath.Join(options.runDir, "plan.json")
	if err := conformance.SavePlan(plan, options.plan); err != nil {
		return err
	}
	log, err := os.Create(options.log)
	if err != nil {
		return fmt.Errorf("make Ginkgo's log: %w", err)
	}
	defer log.Close()
	command := exec.CommandContext(ctx, self,
		"--procs="+strconv.Itoa(options.procs),
		"--timeout=0", "--no-color", "--keep-going", "-vv", suite)
	command.Args[0] = ginkgoName
	command.Env = append(os.Environ(), conformance.StandVariable+"="+options.descriptor, conformance.PlanVariable+"="+plan,
		conformance.ProgressVariable+"="+options.progress)
	command.Dir = options.runDir
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// All of them, as at a terminal: Ginkgo's parent does not pass it on to the
	// processes that run the specs.
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
	command.WaitDelay = interruptGrace
	err = command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && ctx.Err() == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the run was interrupted: %w", context.Cause(ctx))
	}
	if err != nil {
		return fmt.Errorf("run the suite: %w; Ginkgo's own output is in %s", err, options.log)
	}
	return nil
}
