package admission

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// pollInterval is how often a waiting process looks for a free place.
const pollInterval = 100 * time.Millisecond

// Gate admits a limited number of holders at a time. Processes that share its
// directory share its places.
type Gate struct {
	Dir    string // must exist
	Places int
}

// Enter waits for a place. The place is free again when leave is called or
// when the process ends, whichever comes first.
func (g Gate) Enter(ctx context.Context) (leave func(), err error) {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		for place := range g.Places {
			file, free, err := lock(filepath.Join(g.Dir, fmt.Sprintf("place-%d", place)))
			if err != nil {
				return nil, err
			}
			if free {
				// Closing gives the lock back; there is nothing to lose.
				return func() { _ = file.Close() }, nil
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for one of %d places to log in: %w", g.Places, context.Cause(ctx))
		}
	}
}

func lock(path string) (file *os.File, free bool, err error) {
	file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, false, fmt.Errorf("open the place %s: %w", path, err)
	}
	switch err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err {
	case nil:
		return file, true, nil
	case unix.EWOULDBLOCK:
		return nil, false, file.Close()
	default:
		_ = file.Close()
		return nil, false, fmt.Errorf("lock the place %s: %w", path, err)
	}
}
