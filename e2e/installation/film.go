package installation

import (
	"context"
	"fmt"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// picture keeps a small picture of what the session's tab shows, for people: no
// rule looks at it. A page that cannot draw has none, and is none the worse for it.
func (s *Session) picture(ctx context.Context) {
	in := s.in
	for _, tab := range in.tabs {
		if tab.Name() != s.way.tab() {
			continue
		}
		taken, err := tab.Film(ctx)
		if err != nil {
			return
		}
		in.pictures++
		name := fmt.Sprintf("%s-film-%02d.jpg", tab.Name(), in.pictures)
		if in.keep(name, taken) == nil {
			in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Pictured, Tab: tab.Name(), Text: name})
		}
		return
	}
}
