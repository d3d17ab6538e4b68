package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/diff"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/baselines"
)

func newDiffCommand() *cobra.Command {
	output := ""
	command := &cobra.Command{
		Use: "diff OLD NEW", Short: "Compare two reports: what passed and fails now, what was repaired, what takes longer",
		Long: "Compares two reports: directories that 'run' has written with --report-dir,\n" +
			"their conformance.yaml, or versions of Headlamp whose report is in this program:\n" +
			strings.Join(baselines.Versions(), ", ") + ".\n" +
			"It starts nothing and needs no network.\n\n" +
			"Exit codes: 0 no regression, 1 a regression (passed in OLD and fails in NEW,\n" +
			"recorded or not), 2 bad usage or a report that is none, 3 no regression, but something\n" +
			"that had been judged was not shown again, or the two have no scenario in common.",
		Example: "  headlamp-conformance diff report-v0.44.0 report-v0.45.0\n" +
			"  headlamp-conformance diff v0.45.0 report\n" +
			"  headlamp-conformance diff main.yaml report -o markdown > comment.md",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 2 {
				return &usageError{fmt.Errorf("diff takes two reports, OLD and NEW: directories that 'run' has written with --report-dir, not %d", len(arguments))}
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			write, mistake := diffWriter(output)
			before, err := loadReport(arguments[0])
			after, afterErr := loadReport(arguments[1])
			if err := errors.Join(mistake, err, afterErr); err != nil {
				return &usageError{err}
			}
			found := diff.Compare(before, after)
			if err := write(found, command.OutOrStdout()); err != nil {
				return err
			}
			switch {
			case found.Regressed():
				return &exitError{exitNotRecorded}
			case found.Incomplete():
				return &exitError{exitBlocked}
			default:
				return nil
			}
		},
	}
	command.Flags().StringVarP(&output, "output", "o", "", "`form` of the text: markdown for a pull request, json for programs; without it, for a terminal")
	return command
}

func diffWriter(output string) (func(diff.Diff, io.Writer) error, error) {
	switch output {
	case "":
		return diff.Diff.WriteText, nil
	case "markdown":
		return diff.Diff.WriteMarkdown, nil
	case "json":
		return diff.Diff.WriteJSON, nil
	default:
		return nil, fmt.Errorf("there is no output form %q; known: markdown, json", output)
	}
}
