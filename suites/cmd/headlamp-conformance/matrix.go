package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/matrix"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/baselines"
)

func newMatrixCommand() *cobra.Command {
	options := matrixOptions{runOptions: runOptions{Settings: settings.Defaults()}}
	options.ReportDir = "matrix"
	output, features := "", false
	var mistakes *[]error
	command := &cobra.Command{
		Use: "matrix [REPORT...]", Short: "Draw a table of several versions: a column for each, a row for each scenario",
		Long: "Draws one table of several reports: directories that 'run' has written with\n" +
			"--report-dir, their conformance.yaml, or versions of Headlamp whose report is in\n" +
			"this program: " + strings.Join(baselines.Versions(), ", ") + ".\n" +
			"With reports alone it starts nothing, needs no network, and takes no flag but\n" +
			"--output and --features.\n\n" +
			"With --headlamp, given once for each dashboard, it runs the suite on them, one after\n" +
			"the other on one stand. Each has a report of its own below --report-dir, where the\n" +
			"table is kept as matrix.md and matrix.html. The exit code is the worst run's: 1, else\n" +
			"3, else 0; see 'run'. Of a table of reports alone it is 0, whatever they say.",
		Example: "  headlamp-conformance matrix report-v0.39.0 report-v0.45.0\n" +
			"  headlamp-conformance matrix report-* -o html > matrix.html\n" +
			"  headlamp-conformance matrix --headlamp ./v0.39.0 --headlamp ./v0.45.0\n" +
			"  headlamp-conformance matrix v0.45.0 --headlamp ./mine       # beside a stored report",
		Annotations: map[string]string{startsProcesses: "yes"},
		RunE: func(command *cobra.Command, arguments []string) error {
			earlier, err := readReports(arguments)
			err = errors.Join(append(*mistakes, err)...)
			runs := command.Flags().Changed("headlamp")
			if runs && (output != "" || features) {
				err = errors.Join(err, errors.New("with --headlamp the table is kept as matrix.md and matrix.html in --report-dir: leave out --output and --features"))
			}
			if runs {
				return options.run(command.Context(), earlier, err, &terminal{out: command.OutOrStdout()})
			}
			write, mistake := matrixWriter(output)
			if err := errors.Join(err, mistake, withoutRuns(command.Flags(), arguments)); err != nil {
				return &usageError{err}
			}
			if features {
				return write(matrix.ByFeature(earlier), command.OutOrStdout())
			}
			return write(matrix.Of(earlier), command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringVarP(&output, "output", "o", "", "`form` of the table: markdown for a document, html for a page of its own; without it, for a terminal")
	flags.BoolVar(&features, "features", false, "a row for each feature in place of each scenario: how many of its scenarios passed")
	flags.StringArrayVar(&options.headlamps, "headlamp", nil, "`directory` with headlamp-server and frontend/ in it; given once for each dashboard")
	addBesideDashboard(flags, &options.Settings)
	addRunFlags(flags, &options.runOptions)
	mistakes = rememberMistakes(flags)
	return command
}

// readReports reads what was named as reports.
func readReports(named []string) ([]matrix.Named, error) {
	var reports []matrix.Named
	var mistakes []error
	for _, name := range named {
		read, err := loadReport(name)
		mistakes = append(mistakes, err)
		reports = append(reports, matrix.Named{Name: name, Report: read})
	}
	return reports, errors.Join(mistakes...)
}

// withoutRuns says what is wrong with a call that runs nothing.
func withoutRuns(flags *pflag.FlagSet, arguments []string) error {
	var idle []error
	flags.Visit(func(flag *pflag.Flag) {
		if flag.Name != "output" && flag.Name != "features" {
			idle = append(idle, fmt.Errorf("--%s is about runs: name the dashboards with --headlamp, or leave it out", flag.Name))
		}
	})
	if len(arguments) == 0 {
		idle = append(idle, errors.New("matrix takes one report or more, directories that 'run' has written with --report-dir, or dashboards to run, with --headlamp"))
	}
	return errors.Join(idle...)
}

func matrixWriter(output string) (func(matrix.Table, io.Writer) error, error) {
	switch output {
	case "":
		return matrix.Table.WriteText, nil
	case "markdown":
		return matrix.Table.WriteMarkdown, nil
	case "html":
		return matrix.Table.WriteHTML, nil
	default:
		return nil, fmt.Errorf("there is no output form %q; known: markdown, html", output)
	}
}
