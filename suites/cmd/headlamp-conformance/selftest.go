package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	"github.com/headlamp-conformance/headlamp-conformance/suites/selftest"
)

// faultyName is the program, beside this one, that faults are planted in.
const faultyName = "faulty-dashboard"

// A self-test holds no longer than it takes to see a second refresh fail.
const (
	selfTestLifetime = 20 * time.Second
	selfTestExpiries = 2
	selfTestProcs    = 13
)

// selfTestOptions are the options of self-test alone.
type selfTestOptions struct {
	settings.Settings
	plan     selftest.Options
	faulty   string
	mistakes []error // of the command line
}

func newSelfTestCommand() *cobra.Command {
	options := selfTestOptions{Settings: settings.Defaults()}
	options.Lifetime, options.Expiries, options.Procs = selfTestLifetime, selfTestExpiries, selfTestProcs
	options.ReportDir = "self-test"
	var mistakes *[]error
	command := &cobra.Command{
		Use: "self-test", Short: "Test the suite itself: plant faults, and see that it finds them and nothing else", Args: noArguments,
		Long: "Runs scenarios on the reference dashboard with faults planted in it and around it.\n" +
			"The scenarios that name a fault have to fail, for the reason that they name; the\n" +
			"others have to pass, and all of them have to pass on a healthy dashboard.\n" +
			"The last line says how many faults were caught, and how many alarms were false.\n\n" +
			"Exit codes: 0 all runs ended as they must, 1 one did not, 2 bad usage or a machine\n" +
			"that lacks something, 3 some could not be judged.",
		Example: "  headlamp-conformance self-test                                       # each fault, and one healthy run\n" +
			"  headlamp-conformance self-test --fault refresh-never --healthy 0     # one fault\n" +
			"  headlamp-conformance self-test --scenario login/popup                # one scenario\n" +
			"  headlamp-conformance self-test --fault none --healthy 25             # no fault: does it flake?",
		Annotations: map[string]string{startsProcesses: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			options.mistakes = *mistakes
			return selfTest(command.Context(), options, &terminal{out: command.OutOrStdout()})
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.faulty, "faulty", "", "`program` that faults are planted in; without it, "+faultyName+" beside this program")
	flags.BoolVar(&options.plan.Full, "full", false, "every scenario with every fault, in every identity mode")
	flags.StringSliceVar(&options.plan.Faults, "fault", nil, "plant these `faults` alone, by name; 'none' plants none")
	flags.StringSliceVar(&options.plan.Scenarios, "scenario", nil, "run these `scenarios` alone, by id: with each fault that they have to fail on, or with those of --fault")
	flags.IntVar(&options.plan.Healthy, "healthy", 1, "how many times the suite runs without a fault, each time in another identity mode")
	flags.IntVar(&options.plan.MustPass, "must-pass", 2, "how many of the scenarios that must pass each fault gets, without --full or --scenario")
	flags.IntVar(&options.plan.Thin, "thin", 1, "give those to one fault in so many, to others on each turn; 1 is every fault")
	flags.IntVar(&options.plan.Turn, "turn", time.Now().YearDay(), "chooses those scenarios and faults, and the mode of the healthy runs: others for another number; without it, the day of the year")
	flags.IntVar(&options.Procs, "procs", options.Procs, "how many scenarios run at once, 16 at most")
	flags.DurationVar(&options.Lifetime, "lifetime", options.Lifetime, "how long a token lives, 20s or more, in whole seconds")
	flags.IntVar(&options.Expiries, "expiries", options.Expiries, "how many token expiries a page is held past")
	flags.StringVar(&options.KeycloakVersion, "keycloak-version", options.KeycloakVersion, keycloakVersionUsage)
	flags.StringVar(&options.ReportDir, "report-dir", options.ReportDir, "`directory` for the evidence")
	mistakes = rememberMistakes(flags)
	return command
}

func selfTest(ctx context.Context, options selfTestOptions, screen *terminal) error {
	begun, printer := time.Now(), progress.To(screen)
	resolved, runs, err := options.resolve(ctx)
	if err != nil {
		return err
	}
	printer.Linef("self-test: %d runs with the faults planted or without, turn %d; evidence in %s", len(runs), options.plan.Turn, resolved.ReportDir)
	saved := newSavedRun(resolved, selftest.Planned(runs), begun)
	saved.SelfTest = true
	if err := carryOut(ctx, resolved, runOptions{Settings: options.Settings}, saved, begun, printer); err != nil {
		return err
	}
	run, err := saved.judgeable(resolved.ReportDir, nil)
	if err != nil {
		return err
	}
	judgement := judge.Judge(run)
	outcomes := map[string]judge.Outcome{}
	for _, outcome := range judgement.Outcomes {
		outcomes[outcome.Spec.ID] = outcome
	}
	result := selftest.Assess(runs, outcomes)
	for _, wrong := range append(result.Blocked, result.Wrong...) {
		printer.Linef("  %s (%s)\n      %s\n      evidence: %s", wrong.Run.Key, wrong.Run.Expect, wrong.Why,
			filepath.Join(resolved.ReportDir, "evidence", wrong.Run.Key))
	}
	if len(result.Escaped) > 0 {
		printer.Linef("got away: %v", result.Escaped)
	}
	printer.Linef("%d runs in %.0f s: %d not as they must be, %d blocked", len(runs), time.Since(begun).Seconds(), len(result.Wrong), len(result.Blocked))
	leaked, err := tellLeaks(resolved.ReportDir, saved.ledger, screen.printed(), printer)
	if err != nil {
		return err
	}
	closed, err := closedDoors(saved.ledger)
	if err != nil {
		return err
	}
	if whole := options.plan.Faults == nil && options.plan.Scenarios == nil && options.plan.Healthy > 0 && saved.ledger != ""; whole && len(closed) > 0 {
		printer.Linef("no secret of these kinds was noted, so nothing shows that none leaked: %v", closed)
		leaked = true
	}
	printer.Linef("%s", result.Sentence())
	switch {
	case len(result.Wrong) > 0 || leaked:
		return &exitError{exitNotRecorded}
	case len(result.Blocked) > 0 || run.Broken != "":
		return &exitError{exitBlocked}
	default:
		return nil
	}
}

// resolve checks the options and plans the runs.
func (o selfTestOptions) resolve(ctx context.Context) (stand.Settings, []selftest.Run, error) {
	mistakes := o.mistakes
	catalogue := faults.All()
	if len(o.plan.Faults) == 1 && o.plan.Faults[0] == "none" {
		catalogue, o.plan.Faults = nil, nil
	}
	for _, name := range o.plan.Faults {
		if _, err := faults.Find(name); err != nil {
			mistakes = append(mistakes, noFault(name))
		}
	}
	for _, id := range o.plan.Scenarios {
		if _, err := conformance.Find(id); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	if o.plan.Healthy < 0 || o.plan.MustPass < 0 || o.plan.Turn < 0 {
		mistakes = append(mistakes, errors.New("--healthy, --must-pass and --turn count: give 0 or more"))
	}
	if o.plan.Thin < 1 {
		mistakes = append(mistakes, errors.New("--thin counts faults: give 1 for every one of them, or more"))
	}
	runs := selftest.Plan(conformance.Catalogue(), catalogue, o.plan)
	if len(runs) == 0 && len(mistakes) == 0 {
		mistakes = append(mistakes, nothingPlanned(o.plan))
	}
	faulty, err := o.faultyDashboard(ctx)
	if err != nil {
		mistakes = append(mistakes, err)
	}
	resolved, err := o.Resolve(ctx, mistakes...)
	if err != nil {
		return stand.Settings{}, nil, err
	}
	resolved.Faulty = faulty
	return resolved, runs, nil
}

// noFault says that there is no fault of a name, and which may have been meant.
func noFault(name string) error {
	var names []string
	for _, fault := range faults.All() {
		names = append(names, fault.Name)
	}
	return fmt.Errorf("there is no fault %q; nearest are: %s; docs/self-test.md has all", name, strings.Join(conformance.Nearest(name, names), ", "))
}

// nothingPlanned says why there is nothing to run.
func nothingPlanned(options selftest.Options) error {
	if len(options.Scenarios) > 0 && len(options.Faults) > 0 {
		return fmt.Errorf("nothing is planned: nothing can be said of %s while %s is planted", strings.Join(options.Scenarios, ", "), strings.Join(options.Faults, ", "))
	}
	return errors.New("nothing is planned: plant a fault, or ask for a healthy run with --healthy")
}

func (o selfTestOptions) faultyDashboard(ctx context.Context) (dashboard.Source, error) {
	path := o.faulty
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return dashboard.Source{}, fmt.Errorf("find this program: %w", err)
		}
		path = filepath.Join(filepath.Dir(self), faultyName)
	}
	source, err := dashboard.FromExecutable(ctx, path)
	if err != nil {
		return dashboard.Source{}, fmt.Errorf("the program that faults are planted in: %w; build it with 'make build', or name it with --faulty", err)
	}
	return source, nil
}
