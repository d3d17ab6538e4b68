package html

import (
	"fmt"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// longestText is how much of a text is drawn, in characters.
const longestText = 160

// alertLane has the alerts that could be seen, for as long as they could be.
func alertLane(line timeline.Timeline, end time.Time) lane {
	type shown struct{ tab, text string }
	open := map[shown]int{}
	var marks []mark
	for _, event := range line.Events {
		key := shown{event.Tab, event.Text}
		number, isOpen := open[key]
		switch {
		case event.Kind == timeline.AlertShown && event.Level != "hidden" && !isOpen:
			open[key] = len(marks)
			marks = append(marks, mark{at: event.At, end: end, look: broken, label: shorten(event.Text), text: onTab(event.Tab, shorten(event.Text))})
		case event.Kind == timeline.AlertHidden && isOpen:
			marks[number].end = event.At
			delete(open, key)
		}
	}
	return lane{"Alerts on the page", inRows(marks, mostSockets)}
}

// routeLane has where each tab was, and until when.
func routeLane(line timeline.Timeline, end time.Time) lane {
	number := map[string]int{}
	var rows []row
	for _, event := range line.Events {
		if event.Kind != timeline.Routed {
			continue
		}
		at, known := number[event.Tab]
		if !known {
			at = len(rows)
			number[event.Tab] = at
			rows = append(rows, row{name: event.Tab})
		}
		marks := rows[at].marks
		if len(marks) > 0 {
			marks[len(marks)-1].end = event.At
		}
		rows[at].marks = append(marks, mark{at: event.At, end: end, look: place, label: shorten(event.Text), text: onTab(event.Tab, shorten(event.Text))})
	}
	return lane{"Where the page was", rows}
}

// socketLane has the WebSockets of the page, as long as they were open.
func socketLane(line timeline.Timeline, end time.Time) lane {
	open := map[string]int{}
	var marks []mark
	for _, event := range line.Events {
		if event.Witness != timeline.Page {
			continue
		}
		number, isOpen := open[requestID(event)]
		switch event.Kind {
		case timeline.WebSocketOpened:
			open[requestID(event)] = len(marks)
			marks = append(marks, mark{at: event.At, end: end, look: socket, text: onTab(event.Tab, pathOf(event.Request.URL))})
		case timeline.WebSocketClosed:
			if isOpen {
				marks[number].end = event.At
				delete(open, requestID(event))
				continue
			}
			marks = append(marks, mark{at: event.At, look: refused, text: onTab(event.Tab, pathOf(event.Request.URL)+" was closed before it was open")})
		}
	}
	return lane{"WebSockets of the page", inRows(marks, mostSockets)}
}

// inRows puts marks into rows so that no two of a row overlap, as far as there
// may be rows. The last one takes what is left.
func inRows(marks []mark, most int) []row {
	var rows []row
	var free []time.Time
next:
	for _, drawn := range marks {
		until := drawn.end
		if !drawn.lasts() {
			until = drawn.at
		}
		for i := range rows {
			if !drawn.at.Before(free[i]) || i == most-1 {
				rows[i].marks = append(rows[i].marks, drawn)
				free[i] = until
				continue next
			}
		}
		rows, free = append(rows, row{marks: []mark{drawn}}), append(free, until)
	}
	return rows
}

func hashOf(token *redact.Token) string {
	if token == nil {
		return ""
	}
	return token.Hash
}

func onTab(tab, text string) string {
	if tab == "" {
		return text
	}
	return fmt.Sprintf("%s: %s", tab, text)
}

// pathOf is a URL without its scheme and host.
func pathOf(url string) string {
	if _, rest, found := strings.Cut(url, "://"); found {
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			return shorten(rest[slash:])
		}
	}
	return shorten(url)
}

// shorten is a text's beginning, in one line.
func shorten(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if letters := []rune(text); len(letters) > longestText {
		return string(letters[:longestText]) + "…"
	}
	return text
}

func clock(at time.Time) string { return at.UTC().Format("15:04:05.000") }

func requestID(event timeline.Event) string {
	if event.Request == nil {
		return ""
	}
	return event.Request.ID
}
