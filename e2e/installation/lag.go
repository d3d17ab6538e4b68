package installation

import (
	"sync"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	lagInterval = 100 * time.Millisecond
	// lagNoted is the delay from which a tick counts as a lag of the machine.
	lagNoted = 500 * time.Millisecond
)

// watchLag records when this process did not get to run for a while: a verdict
// must not blame the dashboard for a machine that stood still.
func watchLag(recorder *timeline.Recorder) (stop func()) {
	ended := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		ticker := time.NewTicker(lagInterval)
		defer ticker.Stop()
		last := time.Now()
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
			now := time.Now()
			if delay := now.Sub(last) - lagInterval; delay > lagNoted {
				recorder.Add(timeline.Event{Witness: timeline.Machine, Kind: timeline.Lagged, Delay: delay})
			}
			last = now
		}
	})
	return sync.OnceFunc(func() {
		close(ended)
		watcher.Wait()
	})
}
