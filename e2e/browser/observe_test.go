package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func TestAConsoleThatIsFilledIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	recorder := timeline.NewRecorder(timeline.Header{})
	observer := newObserver(recorder, "tab-1")
	const said = 3 * consoleKept
	for i := range said {
		observer.console("log", fmt.Sprintf(" message %d ", i))
	}
	kept := recorder.Timeline().Of(timeline.Page, timeline.Console)
	if len(kept) != consoleKept+1 {
		t.Fatalf("%d of %d messages are kept", len(kept), said)
	}
	if kept[0].Text != "message 0" || kept[consoleKept-1].Text != fmt.Sprintf("message %d", consoleKept-1) {
		t.Errorf("it begins with %q", kept[0].Text)
	}
	if last := kept[consoleKept]; !strings.Contains(last.Text, fmt.Sprintf("no more than these %d messages", consoleKept)) {
		t.Errorf("it ends with %q", last.Text)
	}
}

func TestALongMessageOfTheConsoleIsCutWithoutItsToken(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSIsImV4cCI6MTcwMDAwMDAwMH0.c2lnbmF0dXJlLWxvbmctZW5vdWdo"
	recorder := timeline.NewRecorder(timeline.Header{})
	observer := newObserver(recorder, "tab-1")
	observer.console("log", strings.Repeat("ä", consoleLine/2-20)+" "+token+strings.Repeat(" more", consoleLine))
	kept := recorder.Timeline().Of(timeline.Page, timeline.Console)
	if len(kept) != 1 || len(kept[0].Text) > consoleLine+len("…") || !strings.HasSuffix(kept[0].Text, "…") || strings.Contains(kept[0].Text, token[:30]) {
		t.Errorf("it is kept as %d messages", len(kept))
	}
	// Whatever is kept of it, what is in it is told.
	for range consoleKept {
		observer.console("log", "more")
	}
	observer.console("log", token)
	if exposed := recorder.Timeline().Of(timeline.Page, timeline.TokenExposed); len(exposed) != 2 {
		t.Errorf("%d of 2 tokens were found", len(exposed))
	}
}
