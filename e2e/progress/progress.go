package progress

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// heartbeat is how often a step that takes long says that it still runs.
const heartbeat = 10 * time.Second

// Printer writes steps to one writer, from many goroutines. The zero value and
// nil print nothing.
type Printer struct {
	mu     sync.Mutex
	writer io.Writer
}

// To returns a printer that writes to w.
func To(w io.Writer) *Printer { return &Printer{writer: w} }

// Linef prints one line.
func (p *Printer) Linef(format string, args ...any) {
	if p == nil || p.writer == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// Nobody can be told when the terminal is gone.
	_, _ = fmt.Fprintf(p.writer, format+"\n", args...)
}

// Step prints that name has begun, and every ten seconds that it still runs
// with what detail says, if it is not nil. Call done once with the outcome.
func (p *Printer) Step(name string, detail func() string) (done func(err error)) {
	begun := time.Now()
	p.Linef("  %s ...", name)
	ended := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
				more := ""
				if detail != nil {
					if text := detail(); text != "" {
						more = ": " + text
					}
				}
				p.Linef("  %s ... %s%s", name, since(begun), more)
			}
		}
	})
	return func(err error) {
		close(ended)
		watcher.Wait()
		if err != nil {
			p.Linef("  %s: failed after %s", name, since(begun))
			return
		}
		p.Linef("  %s: done in %s", name, since(begun))
	}
}

func since(begun time.Time) string { return fmt.Sprintf("%.1f s", time.Since(begun).Seconds()) }
