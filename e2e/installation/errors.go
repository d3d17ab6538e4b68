package installation

import (
	"context"
	"errors"
	"fmt"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// BlockedError says that the environment broke, not the dashboard.
type BlockedError struct{ Cause error }

func (e *BlockedError) Error() string { return "the environment broke: " + e.Cause.Error() }

func (e *BlockedError) Unwrap() error { return e.Cause }

// InapplicableError says that a promise cannot be shown here, and why.
type InapplicableError struct{ Reason string }

func (e *InapplicableError) Error() string { return e.Reason }

// UndoneError says that a person could not do something with the dashboard. The
// timeline has it too.
type UndoneError struct{ Cause error }

func (e *UndoneError) Error() string { return e.Cause.Error() }

func (e *UndoneError) Unwrap() error { return e.Cause }

// environment marks an error as the environment's.
func environment(what string, err error) error {
	if err == nil {
		return nil
	}
	return &BlockedError{Cause: fmt.Errorf("%s: %w", what, err)}
}

// undone notes what a person could not do with the dashboard, and as which
// symptom that counts. What the environment or the end of the spec's time is to
// blame for counts as none.
func (in *Installation) undone(ctx context.Context, symptom judge.Symptom, err error) error {
	err = onThePage(err)
	var blocked *BlockedError
	if err == nil || errors.As(err, &blocked) || ctx.Err() != nil {
		return err
	}
	in.noteCrash()
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Undone, Text: err.Error(), Level: string(symptom)})
	return &UndoneError{Cause: err}
}

// noteCrash notes, once of each, the replicas that have ended. Nobody has ended
// them: a restart returns when the next process serves.
func (in *Installation) noteCrash() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, replica := range in.replicas {
		how := replica.Ended()
		if how == "" || in.crashed[replica.PID()] {
			continue
		}
		if in.crashed == nil {
			in.crashed = map[int]bool{}
		}
		in.crashed[replica.PID()] = true
		in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Undone, Text: how, Level: string(judge.Crashed)})
	}
}

// blockedBy returns the environment's fault, if an action on the page failed for
// that, and nothing else.
func blockedBy(err error) error {
	var blocked *BlockedError
	if errors.As(onThePage(err), &blocked) {
		return blocked
	}
	return nil
}

// onThePage marks an error of an action on the page as the environment's when
// the browser is to blame for it.
func onThePage(err error) error {
	if errors.Is(err, browser.ErrLost) {
		return &BlockedError{Cause: err}
	}
	return err
}
