package live_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
)

func TestMessagesReachTheListener(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	taken := make(chan live.Message, 1)
	listener, err := live.Listen(path, func(message live.Message) { taken <- message })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	sender, err := live.Dial(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { sender.Close() })
	sender.Send(live.Message{Scenario: "a/b", State: live.Holding, Crossed: 1, Of: 3})
	if got := <-taken; got.Scenario != "a/b" || got.Crossed != 1 {
		t.Errorf("%+v", got)
	}
	var nobody *live.Sender
	nobody.Send(live.Message{})
}

func TestBoardSaysWhoHoldsAndHowFar(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	board := live.NewBoard()
	if got := board.Summary(noon); got != "" {
		t.Errorf("an empty board says %q", got)
	}
	board.Take(live.Message{Scenario: "b/y", State: live.LoggingIn})
	board.Take(live.Message{Scenario: "a/x", State: live.Holding, Of: 3})
	if got := board.Take(live.Message{Scenario: "a/x", State: live.Holding, Crossed: 1, Of: 3, Next: noon.Add(12 * time.Second)}); got != "a/x is past expiry 1 of 3" {
		t.Errorf("crossing: %q", got)
	}
	if got, want := board.Summary(noon), "0 done; a/x holds past 1 of 3, next in 12 s; b/y logs in"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := board.Take(live.Message{Scenario: "b/y", State: live.Passed}); got != "b/y passed" {
		t.Errorf("end: %q", got)
	}
	if got, want := board.Summary(noon), "1 done; a/x holds past 1 of 3, next in 12 s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
