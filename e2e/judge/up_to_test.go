package judge

import (
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func TestWhatCameAfterAPageHadLeftExplainsNothing(t *testing.T) {
	t.Parallel()
	at := func(n int) time.Time { return time.Date(2026, 11, 1, 12, 0, n, 0, time.UTC) }
	line := timeline.Timeline{Events: []timeline.Event{{At: at(1)}, {At: at(2)}, {At: at(3)}}}
	left := func(n int) Finding { return Finding{Symptom: LeftThePage, At: at(n)} }
	for name, c := range map[string]struct {
		findings []Finding
		events   int
	}{
		"nothing found":            {nil, 3},
		"it left":                  {[]Finding{left(1)}, 1},
		"it left twice":            {[]Finding{left(2), left(1)}, 2},
		"nobody knows when":        {[]Finding{{Symptom: LeftThePage}}, 3},
		"and something else broke": {[]Finding{left(1), {Symptom: Unauthorized, At: at(1)}}, 3},
	} {
		if got := upTo(line, c.findings); len(got.Events) != c.events {
			t.Errorf("%s: %d events, want %d", name, len(got.Events), c.events)
		}
	}
}
