package installation

import (
	"errors"
	"fmt"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
)

// BlockedError says that the environment broke, not the dashboard.
type BlockedError struct{ Cause error }

func (e *BlockedError) Error() string { return "the environment broke: " + e.Cause.Error() }

func (e *BlockedError) Unwrap() error { return e.Cause }

// InapplicableError says that a promise cannot be shown here, and why.
type InapplicableError struct{ Reason string }

func (e *InapplicableError) Error() string { return e.Reason }

// environment marks an error as the environment's.
func environment(what string, err error) error {
	if err == nil {
		return nil
	}
	return &BlockedError{Cause: fmt.Errorf("%s: %w", what, err)}
}

// onThePage marks an error of an action on the page as the environment's when
// the browser is to blame for it.
func onThePage(err error) error {
	if errors.Is(err, browser.ErrLost) {
		return &BlockedError{Cause: err}
	}
	return err
}
