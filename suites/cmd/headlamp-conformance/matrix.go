package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/matrix"
)

func newMatrixCommand() *cobra.Command {
	output := ""
	command := &cobra.Command{
		Use: "matrix REPORT...", Short: "Draw a table of several reports: a column for each version, a row for each scenario",
		Long: "Draws one table of several reports: directories that 'run' has written with\n" +
			"--report-dir, their conformance.yaml, or versions with a stored one, as v0.45.0.\n" +
			"It starts nothing and needs no network.",
		Example: "  headlamp-conformance matrix report-v0.39.0 report-v0.45.0\n" +
			"  headlamp-conformance matrix report-* -o html > matrix.html",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) == 0 {
				return &usageError{errors.New("matrix takes one report or more: directories that 'run' has written with --report-dir")}
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			write, mistake := matrixWriter(output)
			mistakes := []error{mistake}
			var reports []report.Report
			for _, argument := range arguments {
				read, err := loadReport(argument)
				mistakes = append(mistakes, err)
				reports = append(reports, read)
			}
			if err := errors.Join(mistakes...); err != nil {
				return &usageError{err}
			}
			return write(matrix.Of(reports), command.OutOrStdout())
		},
	}
	command.Flags().StringVarP(&output, "output", "o", "", "markdown for a document, html for a page of its own")
	return command
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
