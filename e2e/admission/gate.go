package admission

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/filelock"
)

// Gate admits a limited number of holders at a time. Processes that share its
// directory share its places.
type Gate struct {
	Dir    string // must exist
	Places int
}

// PlaceFor is how long a place is kept at the most. A login that takes longer does
// not compute but waits, for a dashboard that hangs, say, and the others must not.
const PlaceFor = 20 * time.Second

// Enter waits for a place. The place is free again when leave is called, after
// PlaceFor, or when the process ends, whichever comes first.
func (g Gate) Enter(ctx context.Context) (leave func(), err error) {
	places := make([]string, g.Places)
	for i := range places {
		places[i] = filepath.Join(g.Dir, fmt.Sprintf("place-%d", i))
	}
	lock, err := filelock.Take(ctx, places...)
	if err != nil {
		return nil, fmt.Errorf("wait for one of %d places to log in: %w", g.Places, err)
	}
	// Releasing closes a file that nothing was written to.
	release := sync.OnceFunc(func() { _ = lock.Release() })
	timer := time.AfterFunc(PlaceFor, release)
	return func() { timer.Stop(); release() }, nil
}
