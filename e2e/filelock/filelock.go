package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// pollInterval is how often a waiting process tries again.
const pollInterval = 100 * time.Millisecond

// Lock is a held lock.
type Lock struct{ file *os.File }

// Path is where the lock's file is.
func (l *Lock) Path() string { return l.file.Name() }

// Release gives the lock back. The lock's file stays: removing it would let
// two hold what they take for the same lock.
func (l *Lock) Release() error {
	// To close it is not enough: a child that was forked just now has it too.
	return errors.Join(unix.Flock(int(l.file.Fd()), unix.LOCK_UN), l.file.Close())
}

// Try takes the lock of a path, or returns nil when another holds it.
func Try(path string) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock %s: %w", path, err)
	}
	switch err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
	case err == nil:
		return &Lock{file}, nil
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, file.Close()
	default:
		return nil, errors.Join(fmt.Errorf("take the lock %s: %w", path, err), file.Close())
	}
}

// Take waits for one of several locks, whichever is free first.
func Take(ctx context.Context, paths ...string) (*Lock, error) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		for _, path := range paths {
			lock, err := Try(path)
			if lock != nil || err != nil {
				return lock, err
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
