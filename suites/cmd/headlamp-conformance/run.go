package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

// referenceNotice is the first and the last line of a run on the reference.
const referenceNotice = "REFERENCE DASHBOARD: this says nothing about Headlamp"

// runOptions are the options of run alone.
type runOptions struct {
	settings.Settings
	filter    string
	strict    bool
	standPath string
	beside    []string // flags that a stand which is up has settled already
	mistakes  []error  // of the command line
}

func newRunCommand() *cobra.Command {
	options := runOptions{Settings: settings.Defaults()}
	var mistakes *[]error
	command := &cobra.Command{
		Use: "run", Short: "Run the suite on a dashboard and judge it", Args: noArguments,
		Long: "Brings a stand up, runs every scenario that can be shown in the identity mode, and\n" +
			"judges what was seen. The first run installs, downloads and builds what is missing.\n" +
			"The report goes into --report-dir: index.html for people, conformance.yaml for\n" +
			"programs, junit.xml for CI, and the evidence; an earlier run's there is replaced.\n\n" +
			"The identity mode says how the user reaches the API server. token: the dashboard\n" +
			"passes the user's token on. proxy: a proxy between dashboard and API server turns\n" +
			"it into impersonation headers. native: the dashboard sends these itself.\n\n" +
			"Exit codes: 0 as recorded (nothing fails but what a recorded issue explains),\n" +
			"1 not as recorded (with --strict: not conformant), or a secret in the report, 2 bad\n" +
			"usage or a machine that lacks something (nothing was started), 3 blocked (something\n" +
			"could not be judged).",
		Example: "  headlamp-conformance run                                    # on the bundled reference dashboard\n" +
			"  headlamp-conformance run --headlamp ./headlamp              # a directory with headlamp-server and frontend/\n" +
			"  headlamp-conformance run --label-filter session/restart     # one scenario, see list\n" +
			"  headlamp-conformance run --label-filter 'session && core'   # some, by their labels: see list -o json",
		Annotations: map[string]string{startsProcesses: "yes"},
		RunE: func(command *cobra.Command, _ []string) error {
			options.mistakes = *mistakes
			options.mistakes = append(options.mistakes, emptyHeadlamp(command.Flags())...)
			options.beside = besideStand(command.Flags())
			return run(command.Context(), options, &terminal{out: command.OutOrStdout()})
		},
	}
	flags := command.Flags()
	addStandFlags(flags, &options.Settings)
	addRunFlags(flags, &options)
	flags.StringVar(&options.standPath, "stand", "", "`file` that describes a stand which 'up' has brought up, whose settings are used")
	mistakes = rememberMistakes(flags)
	return command
}

// addRunFlags adds the flags of every command that runs the suite and judges it.
func addRunFlags(flags *pflag.FlagSet, options *runOptions) {
	flags.IntVar(&options.Procs, "procs", options.Procs, "how many scenarios run at once, 16 at most")
	flags.StringVar(&options.filter, "label-filter", "", "which scenarios run: an id, as session/restart, or a `filter` of their labels, as 'session && !core' (Ginkgo's language)")
	flags.BoolVar(&options.strict, "strict", false, "exit with 1 when the dashboard is not conformant, even if recorded issues explain it")
}

// emptyHeadlamp is the mistake of a script whose variable is not set: it would
// judge the reference dashboard.
func emptyHeadlamp(flags *pflag.FlagSet) []error {
	if given := flags.Lookup("headlamp"); given.Changed && given.Value.String() == "" {
		return []error{errors.New("--headlamp is given and empty; leave it out for the reference dashboard")}
	}
	return nil
}

// besideStand are the flags that were given, of those that a stand which is up
// has settled already.
func besideStand(flags *pflag.FlagSet) []string {
	settled := pflag.NewFlagSet("", pflag.ContinueOnError)
	addStandFlags(settled, &settings.Settings{})
	var given []string
	flags.Visit(func(flag *pflag.Flag) {
		if settled.Lookup(flag.Name) != nil {
			given = append(given, "--"+flag.Name)
		}
	})
	return given
}

// run runs the suite and ends with the judge's exit code.
func run(ctx context.Context, options runOptions, screen *terminal) error {
	begun, printer := time.Now(), progress.To(screen)
	resolved, chosen, err := options.resolve(ctx)
	if err != nil {
		return err
	}
	plan := conformance.Once(chosen, conformance.Mode(resolved.Identity))
	if resolved.Dashboard.Name == dashboard.Reference {
		printer.Linef("%s", referenceNotice)
	}
	printer.Linef("%d scenarios on %s, identity mode %s, tokens of %s, %d expiries; report in %s",
		len(chosen), resolved.Dashboard.Label(), resolved.Identity, resolved.Lifetime, resolved.Expiries, resolved.ReportDir)
	saved := options.record(resolved, plan, begun)
	if err := carryOut(ctx, resolved, options, saved, begun, printer); err != nil {
		return err
	}
	return judgeAndTell(resolved.ReportDir, saved, options.strict, screen, printer)
}

// judgeAndTell judges a run that has ended, and tells what came out of it, once it
// is sure that no secret is told with it.
func judgeAndTell(reportDir string, saved *savedRun, strict bool, screen *terminal, printer *progress.Printer) error {
	judged, err := judgeSaved(reportDir, strict)
	if err != nil {
		return err
	}
	leaked, err := tellLeaks(reportDir, saved.ledger, append(screen.printed(), judged.summary...), printer)
	if err != nil {
		return err
	}
	printer.Linef("%s", judged.summary)
	if leaked {
		judged.code = exitNotRecorded
	}
	return exitWith(judged.code)
}

// record is the run's record before it begins.
func (o runOptions) record(resolved stand.Settings, plan []conformance.Planned, begun time.Time) *savedRun {
	saved := newSavedRun(resolved, plan, begun)
	saved.Report.Settings.Filter, saved.Report.Settings.Procs = o.filter, o.Procs
	saved.Report.Reproduce = o.reproduce(resolved)
	return saved
}

// resolve checks the options and chooses the scenarios. A run on a stand that is
// up takes the stand's settings.
func (o runOptions) resolve(ctx context.Context) (stand.Settings, []conformance.Entry, error) {
	if o.standPath != "" {
		return o.resolveOnStand()
	}
	chosen, err := o.choose()
	resolved, err := o.Settings.Resolve(ctx, append(o.mistakes, err)...)
	return resolved, chosen, err
}

// choose chooses the scenarios. An identity mode that there is not is no mistake
// here: the settings say so.
func (o runOptions) choose() ([]conformance.Entry, error) {
	chosen, err := conformance.Choose(conformance.Mode(o.Identity), o.filter)
	if !slices.Contains(settings.IdentityModes, o.Identity) {
		return nil, nil
	}
	return chosen, err
}

func (o runOptions) resolveOnStand() (stand.Settings, []conformance.Entry, error) {
	mistakes := o.mistakes
	if len(o.beside) > 0 {
		mistakes = append(mistakes, fmt.Errorf("a stand that is up has its settings: leave out %s, or give it to 'up'", strings.Join(o.beside, ", ")))
	}
	descriptor, err := stand.Load(o.standPath)
	if err != nil {
		return stand.Settings{}, nil, &usageError{errors.Join(append(mistakes, err)...)}
	}
	if most := len(descriptor.Keycloak.Realms); o.Procs < 1 || o.Procs > most {
		mistakes = append(mistakes, fmt.Errorf("%d scenarios at once cannot be; give 1 to %d, for each has a realm of its own", o.Procs, most))
	}
	if descriptor.Product != nil && o.Procs > 1 {
		mistakes = append(mistakes, errors.New("the product in the impersonator's place passes requests on to one tap: give --procs 1"))
	}
	chosen, err := conformance.Choose(conformance.Mode(descriptor.Identity), o.filter)
	if err := errors.Join(append(mistakes, err)...); err != nil {
		return stand.Settings{}, nil, &usageError{err}
	}
	return stand.Settings{
		ReportDir: descriptor.ReportDir, Dashboard: descriptor.Dashboard, Identity: descriptor.Identity,
		Lifetime: descriptor.Lifetime, Expiries: descriptor.Expiries, KeycloakVersion: descriptor.Keycloak.Version,
	}, chosen, nil
}

// reproduce is the command line that asks for the same run again.
func (o runOptions) reproduce(resolved stand.Settings) string {
	parts := []string{"headlamp-conformance run"}
	if directory := resolved.Dashboard.Directory(); directory != "" {
		parts = append(parts, "--headlamp "+strconv.Quote(directory))
	}
	for _, argument := range resolved.Dashboard.Extra {
		parts = append(parts, "--headlamp-arg "+strconv.Quote(argument))
	}
	parts = append(parts, "--identity "+resolved.Identity, "--keycloak-version "+resolved.KeycloakVersion,
		"--lifetime "+resolved.Lifetime.String(), "--expiries "+strconv.Itoa(resolved.Expiries), "--procs "+strconv.Itoa(o.Procs))
	if o.filter != "" {
		parts = append(parts, "--label-filter "+strconv.Quote(o.filter))
	}
	return strings.Join(parts, " ")
}
