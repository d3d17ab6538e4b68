package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/html"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/issues"
)

func newJudgeCommand() *cobra.Command {
	strict := false
	command := &cobra.Command{
		Use: "judge DIR", Short: "Judge a saved run again, and write its report anew",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return &usageError{fmt.Errorf("judge takes one directory that 'run' has written with --report-dir, not %d", len(arguments))}
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			code, err := judgeSaved(arguments[0], strict, progress.To(command.OutOrStdout()))
			if err != nil {
				return &usageError{err}
			}
			if code != exitAsRecorded {
				return &exitError{code}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&strict, "strict", false, "exit with 1 when the dashboard is not conformant, recorded or not")
	return command
}

// judgeSaved judges the run saved in a directory, writes its reports beside it,
// and returns the exit code.
func judgeSaved(dir string, strict bool, printer *progress.Printer) (int, error) {
	saved, err := loadSavedRun(dir)
	if err != nil {
		return 0, err
	}
	if saved.SelfTest {
		return 0, fmt.Errorf("%s is a self-test's, whose failures say nothing about a dashboard; give a directory that 'run' has written", dir)
	}
	recorded, err := judge.ParseIssues(issues.Recorded)
	if err != nil {
		return 0, err
	}
	run, err := saved.judgeable(dir, recorded)
	if err != nil {
		return 0, err
	}
	judgement := judge.Judge(run)
	complete := saved.Report
	complete.Seconds = saved.Seconds
	complete.Complete(run, judgement)
	if err := complete.Save(dir); err != nil {
		return 0, err
	}
	if err := complete.SaveJUnit(dir); err != nil {
		return 0, err
	}
	if err := html.Save(dir, complete, run.Timelines, recorded); err != nil {
		return 0, err
	}
	var summary strings.Builder
	if err := complete.WriteSummary(&summary); err != nil {
		return 0, err
	}
	printer.Linef("\n%s", strings.TrimRight(summary.String(), "\n"))
	if complete.Notice != "" {
		printer.Linef("%s", complete.Notice)
	}
	return judgement.ExitCode(strict), nil
}
