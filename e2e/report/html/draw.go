package html

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// Sizes in the drawing, in pixels. Across, everything is a percentage, so that
// it fits any screen and can be drawn wider.
const (
	axisHeight    = 20
	titleHeight   = 18
	rowHeight     = 14
	markHeight    = 10
	laneGap       = 5
	pictureHeight = 76
	pictureWidth  = 120
	// lateShare is the percentage of the axis from which on a picture has no room
	// behind its time.
	lateShare = 85
)

const (
	// finest is how many marks a row can have side by side before those beside
	// each other are drawn as one.
	finest = 1200
	// mostTicks is how many times stand along the axis.
	mostTicks = 8
	// mostListed is how many lines the table of a drawing has.
	mostListed = 200
)

// drawing is a spec's time line, ready for the template.
type drawing struct {
	Height   int
	Summary  string // for who does not see it
	Ticks    []tick
	Holds    []drawnMark
	Expiries []drawnMark
	Lanes    []drawnLane
	Pictures []picture
	Listed   []listed
	Unlisted int
}

type tick struct{ X, Text string }

type drawnLane struct {
	Name  string
	Y     int // of the name's base line
	Rows  []drawnRow
	Shade drawnShade
}

type drawnShade struct{ Y, Height int }

type drawnRow struct {
	Name  string
	Y     int // of the row's marks
	Base  int // base line of the row's name
	Marks []drawnMark
}

type drawnMark struct {
	X, W  string // percent; W is empty for one that does not last
	Look  string
	Label string
	Text  string
}

// picture is a screenshot, below the time at which it was taken.
type picture struct {
	X, Name, Link string
	Shift         int // pixels to the left, so that it stays inside
}

// listed is a line of the table that says the same as the drawing.
type listed struct{ Time, Lane, Text string }

// draw makes the drawing of a timeline, and of the dashboard's log. The coarser, the
// fewer marks it has.
func draw(line timeline.Timeline, findings []judge.Finding, log string, coarser int) *drawing {
	begin, end, seen := bounds(line)
	if !seen {
		return nil
	}
	margin := end.Sub(begin)/100 + 50*time.Millisecond
	axis := axis{begin.Add(-margin), end.Add(margin)}
	made := &drawing{Ticks: axis.ticks(begin)}
	marks := 0
	y := axisHeight
	for _, seen := range lanes(line, findings, log, end) {
		drawn := drawnLane{Name: seen.name, Y: y + titleHeight - 5, Shade: drawnShade{Y: y}}
		y += titleHeight
		for _, r := range seen.rows {
			drawnRow := drawnRow{Name: r.name, Y: y + (rowHeight-markHeight)/2, Base: y + rowHeight - 4}
			for _, m := range gather(r.marks, axis.length()/time.Duration(max(1, finest/coarser))) {
				drawnRow.Marks = append(drawnRow.Marks, axis.place(m))
				made.list(seen.name, m)
				marks++
			}
			drawn.Rows = append(drawn.Rows, drawnRow)
			y += rowHeight
		}
		drawn.Shade.Height = y - drawn.Shade.Y
		y += laneGap
		made.Lanes = append(made.Lanes, drawn)
	}
	for _, held := range line.Tokens() {
		if at := held.ExpiresAt; at.After(axis.begin) && at.Before(axis.end) {
			made.Expiries = append(made.Expiries, axis.place(mark{at: at, text: "a token ends"}))
		}
	}
	made.Holds = axis.holds(line)
	made.Height = y
	slices.SortStableFunc(made.Listed, func(a, b listed) int { return strings.Compare(a.Time, b.Time) })
	if len(made.Listed) > mostListed {
		made.Listed, made.Unlisted = made.Listed[:mostListed], len(made.Listed)-mostListed
	}
	made.Summary = fmt.Sprintf("Time line of %.0f seconds from %s UTC, %d lanes and %d marks; %d tokens end in it. The table below says the same.",
		end.Sub(begin).Seconds(), clock(begin), len(made.Lanes), marks, len(made.Expiries))
	return made
}

// list adds a mark to the table. That requests were answered as they should be
// is no line of its own: there are too many.
func (d *drawing) list(lane string, m mark) {
	if m.look == fine && lane != stepsName && lane != keycloakName {
		return
	}
	at := clock(m.at)
	if m.lasts() {
		at += " – " + clock(m.end)
	}
	d.Listed = append(d.Listed, listed{at, lane, m.text})
}

// bounds are the first and the last moment of a timeline. A run's first events
// can be the stand's own, made long before.
func bounds(line timeline.Timeline) (begin, end time.Time, seen bool) {
	for _, event := range line.Events {
		if event.At.IsZero() || event.Witness == timeline.Keycloak && event.Identity != nil && event.Identity.Client != line.Header.Client {
			continue
		}
		if !seen || event.At.Before(begin) {
			begin = event.At
		}
		if !seen || event.At.After(end) {
			end = event.At
		}
		seen = true
	}
	return begin, end, seen
}

// gather makes one mark of those in a row that look alike and are too near to
// each other to be told apart.
func gather(marks []mark, near time.Duration) []mark {
	var gathered []mark
	counts := map[int]int{}
	latest := map[string]int{} // by look
	for _, m := range marks {
		short := m.end.Sub(m.at) < near
		if number, known := latest[m.look]; known && short && gathered[number].end.Sub(gathered[number].at) < near &&
			!m.at.Before(gathered[number].at) && m.at.Sub(gathered[number].at) < near {
			counts[number]++
			continue
		}
		latest[m.look] = len(gathered)
		gathered = append(gathered, m)
	}
	for number, more := range counts {
		gathered[number].text = fmt.Sprintf("%s … and %d more", gathered[number].text, more)
	}
	return gathered
}

// axis is what time is drawn on.
type axis struct{ begin, end time.Time }

func (a axis) length() time.Duration { return a.end.Sub(a.begin) }

func (a axis) percent(at time.Time) float64 {
	return min(100, max(0, 100*float64(at.Sub(a.begin))/float64(a.length())))
}

func (a axis) place(m mark) drawnMark {
	placed := drawnMark{X: percent(a.percent(m.at)), Look: m.look, Text: clock(m.at) + " " + m.text}
	if m.lasts() {
		placed.W = percent(a.percent(m.end) - a.percent(m.at))
		placed.Label = m.label
		placed.Text = fmt.Sprintf("%s – %s %s", clock(m.at), clock(m.end), m.text)
	}
	return placed
}

// ticks are round numbers of seconds since the beginning.
func (a axis) ticks(begin time.Time) []tick {
	step := time.Second
	for _, next := range []time.Duration{2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600} {
		if a.length()/step <= mostTicks {
			break
		}
		step = next * time.Second
	}
	// A timeline that is damaged can be longer than any.
	for a.length()/step > mostTicks {
		step *= 2
	}
	var ticks []tick
	for at := begin; at.Before(a.end); at = at.Add(step) {
		ticks = append(ticks, tick{percent(a.percent(at)), fmt.Sprintf("%.0f s", at.Sub(begin).Seconds())})
	}
	return ticks
}

// holds are the times in which a page was held.
func (a axis) holds(line timeline.Timeline) []drawnMark {
	var drawn []drawnMark
	var open time.Time
	for _, event := range line.Events {
		switch event.Kind {
		case timeline.HoldBegan:
			if open.IsZero() {
				open = event.At
			}
		case timeline.HoldEnded:
			if !open.IsZero() {
				drawn = append(drawn, a.place(mark{at: open, end: event.At, text: "a page was held"}))
			}
			open = time.Time{}
		}
	}
	if !open.IsZero() {
		drawn = append(drawn, a.place(mark{at: open, end: a.end, text: "a page was held"}))
	}
	return drawn
}

// The screenshots are a drawing of their own, for they are links, on the same
// axis.

// PicturesHeight is its height.
func (d *drawing) PicturesHeight() int { return titleHeight + pictureHeight + laneGap }

// PicturesAt is where the pictures begin in it, from above.
func (d *drawing) PicturesAt() int { return titleHeight }

// PicturesTitleAt is the base line of its title.
func (d *drawing) PicturesTitleAt() int { return titleHeight - 5 }

func percent(value float64) string { return fmt.Sprintf("%.2f", value) }
