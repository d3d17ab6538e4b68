package timeline

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact/leak"
)

// Recorder takes events from many goroutines. It never blocks its callers for
// longer than an append.
type Recorder struct {
	mu      sync.Mutex
	header  Header
	events  []Event
	changed chan struct{}
	secrets *leak.Ledger
}

// NewRecorder returns an empty recorder.
func NewRecorder(header Header) *Recorder {
	header.Version = Version
	return &Recorder{header: header, changed: make(chan struct{})}
}

// NoteSecrets has the secrets that witnesses see noted in a ledger. They never
// become part of the timeline.
func (r *Recorder) NoteSecrets(ledger *leak.Ledger) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = ledger
}

// Secret takes a secret that a witness saw.
func (r *Recorder) Secret(kind leak.Kind, value string) {
	r.mu.Lock()
	ledger := r.secrets
	r.mu.Unlock()
	ledger.Note(kind, value)
}

// Describe changes the header.
func (r *Recorder) Describe(change func(*Header)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.header)
}

// Add records events. One without a time happens now.
func (r *Recorder) Add(events ...Event) {
	now := time.Now().UTC()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, event := range events {
		if event.At.IsZero() {
			event.At = now
		}
		event.At = event.At.UTC()
		r.events = append(r.events, event)
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// Timeline returns a sorted copy of everything recorded so far.
func (r *Recorder) Timeline() Timeline {
	r.mu.Lock()
	defer r.mu.Unlock()
	timeline := Timeline{Header: r.header, Events: slices.Clone(r.events)}
	timeline.Header.Users = slices.Clone(r.header.Users)
	timeline.Sort()
	return timeline
}

// Await waits until holds says yes of what has been recorded, looking again
// with each new event. It returns the cause of ctx's end otherwise.
func (r *Recorder) Await(ctx context.Context, holds func(Timeline) bool) error {
	for {
		r.mu.Lock()
		changed := r.changed
		r.mu.Unlock()
		if holds(r.Timeline()) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
