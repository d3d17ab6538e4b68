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
		Long: "Judges again what a run has saved in its report directory (run.json and evidence/),\n" +
			"and writes conformance.yaml, junit.xml and index.html there anew. It starts nothing\n" +
			"and needs no network. Use it after an upgrade of this program, which may know other\n" +
			"rules and recorded issues, or on a directory from CI.\n\n" +
			"Exit codes: those of 'run'; 2 when the directory is none that 'run' has written.",
		Example: "  headlamp-conformance judge report",
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) != 1 {
				return &usageError{fmt.Errorf("judge takes one directory that 'run' has written with --report-dir, not %d", len(arguments))}
			}
			return nil
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			judged, err := judgeSaved(arguments[0], strict)
			if err != nil {
				return &usageError{err}
			}
			progress.To(command.OutOrStdout()).Linef("%s", judged.summary)
			return exitWith(judged.code)
		},
	}
	command.Flags().BoolVar(&strict, "strict", false, "exit with 1 when the dashboard is not conformant, even if recorded issues explain it")
	return command
}

// judged is what the judge makes of a run.
type judged struct {
	code    int
	summary string // for a person, with the notice at its end
}

// judgeSaved judges the run saved in a directory, and writes its reports beside it.
func judgeSaved(dir string, strict bool) (judged, error) {
	saved, err := loadSavedRun(dir)
	if err != nil {
		return judged{}, err
	}
	if saved.SelfTest {
		return judged{}, fmt.Errorf("%s is a self-test's, whose failures say nothing about a dashboard; give a directory that 'run' has written", dir)
	}
	recorded, err := judge.ParseIssues(issues.Recorded)
	if err != nil {
		return judged{}, err
	}
	run, err := saved.judgeable(dir, recorded)
	if err != nil {
		return judged{}, err
	}
	judgement := judge.Judge(run)
	complete := saved.Report
	complete.Seconds = saved.Seconds
	complete.Complete(run, judgement)
	if err := complete.HashEvidence(dir); err != nil {
		return judged{}, err
	}
	if err := complete.Save(dir); err != nil {
		return judged{}, err
	}
	if err := complete.SaveJUnit(dir); err != nil {
		return judged{}, err
	}
	if err := html.Save(dir, html.Input{Report: complete, Timelines: run.Timelines, Logs: run.Logs, Issues: recorded}); err != nil {
		return judged{}, err
	}
	var summary strings.Builder
	if err := complete.WriteSummary(&summary); err != nil {
		return judged{}, err
	}
	told := "\n" + strings.TrimRight(summary.String(), "\n")
	if complete.Notice != "" {
		told += "\n" + complete.Notice
	}
	return judged{judgement.ExitCode(strict), told}, nil
}
