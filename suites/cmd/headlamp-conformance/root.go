package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
)

// Exit codes: a contract with scripts.
const (
	exitAsRecorded  = 0
	exitNotRecorded = 1
	exitUsage       = 2
	exitBlocked     = 3
)

// startsProcesses annotates the commands that run below a reaper.
const startsProcesses = "starts-processes"

// exitError carries an exit code out of a command that has said all there is
// to say.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exitWith ends a command that has said all there is to say.
func exitWith(code int) error {
	if code == exitAsRecorded {
		return nil
	}
	return &exitError{code}
}

// usageError is a mistake in how the command was called.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "headlamp-conformance",
		Short: "Tells whether a Headlamp build keeps its users logged in and acts as them",
		Long: "Starts a real Keycloak, a real Kubernetes API server and a real headless browser,\n" +
			"puts a dashboard between them, logs in, stays past several token expiries, and\n" +
			"judges what the browser, Keycloak, the wire and the audit log saw.\n\n" +
			"Exit codes: 0 as recorded (nothing fails but what a recorded issue explains),\n" +
			"1 not as recorded (with --strict: not conformant) or a secret in the report,\n" +
			"2 bad usage or a machine that lacks something (nothing was started), 3 blocked\n" +
			"(something could not be judged).",
		Example: "  headlamp-conformance run                          # try it, on the bundled reference dashboard\n" +
			"  headlamp-conformance run --headlamp ./headlamp    # judge a Headlamp",
		// Without Args, for cobra takes any argument of a command that has some and
		// no Run, and shows its help.
		SilenceUsage: true, SilenceErrors: true,
	}
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(newHelpCommand())
	root.AddCommand(newRunCommand(), newUpCommand(), newListCommand(), newJudgeCommand(), newDoctorCommand(), newDiffCommand(),
		newMatrixCommand(), newVersionCommand(), newPrepareCommand(), newSelfTestCommand())
	return root
}

// newHelpCommand is cobra's, but that a command which there is not is a mistake.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Show what a command does, and its flags",
		RunE: func(command *cobra.Command, arguments []string) error {
			named, _, err := command.Root().Find(arguments)
			if err != nil {
				return &usageError{err}
			}
			named.InitDefaultHelpFlag()
			return named.Help()
		},
	}
}

// executeCommand runs the command line and returns its exit code.
func executeCommand(root *cobra.Command, arguments []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	root.SetArgs(arguments)
	return exitCode(root.ExecuteContext(ctx), os.Stderr)
}

// exitCode says what is wrong, one mistake a line, and how the command ends.
func exitCode(err error, stderr io.Writer) int {
	var exit *exitError
	if err == nil {
		return exitAsRecorded
	}
	if errors.As(err, &exit) {
		return exit.code
	}
	_, _ = fmt.Fprintf(stderr, "headlamp-conformance: %v\n", err)
	var invalid *settings.InvalidError
	var usage *usageError
	var missing *provision.MissingError
	var chosen *provision.ChosenError
	var space *provision.SpaceError
	switch {
	case errors.As(err, &invalid), errors.As(err, &usage), errors.As(err, &missing), errors.As(err, &chosen), errors.As(err, &space):
		return exitUsage
	case isUnknownCommand(err):
		return exitUsage
	default:
		return exitBlocked
	}
}
