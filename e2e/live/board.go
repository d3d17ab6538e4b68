package live

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Board keeps the latest state of every spec and sums it up for a person.
type Board struct {
	mu     sync.Mutex
	latest map[string]Message
	done   int
}

// NewBoard returns an empty board.
func NewBoard() *Board { return &Board{latest: map[string]Message{}} }

// Take notes a message. It returns a line worth printing at once, or "".
func (b *Board) Take(message Message) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, known := b.latest[message.Scenario]
	switch message.State {
	case Passed, NotPassed, Skipped:
		delete(b.latest, message.Scenario)
		b.done++
		return fmt.Sprintf("%s %s", message.Scenario, message.State)
	case Holding:
		b.latest[message.Scenario] = message
		if known && before.State == Holding && message.Crossed > before.Crossed {
			return fmt.Sprintf("%s is past expiry %d of %d", message.Scenario, message.Crossed, message.Of)
		}
	default:
		b.latest[message.Scenario] = message
	}
	return ""
}

// Summary says in one line which specs do what, or "" when none does anything.
func (b *Board) Summary(now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.latest) == 0 {
		return ""
	}
	messages := slices.SortedFunc(maps.Values(b.latest), func(x, y Message) int { return cmp.Compare(x.Scenario, y.Scenario) })
	parts := make([]string, len(messages))
	for i, message := range messages {
		parts[i] = fmt.Sprintf("%s %s", message.Scenario, message.State)
		if message.State == Holding {
			parts[i] += fmt.Sprintf(" past %d of %d", message.Crossed, message.Of)
			if left := message.Next.Sub(now); !message.Next.IsZero() && left > 0 {
				parts[i] += fmt.Sprintf(", next in %.0f s", left.Seconds())
			}
		}
	}
	return fmt.Sprintf("%d done; %s", b.done, strings.Join(parts, "; "))
}
