package html

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// plainTime begins a line of Go's plain log, in the machine's own time (log.LstdFlags).
const plainTime = "2006/01/02 15:04:05"

// logLane has what the dashboard logged as a warning or worse.
func logLane(log string) lane {
	var marks []mark
	for line := range strings.Lines(log) {
		if logged, worth := readLog(line); worth {
			marks = append(marks, logged)
		}
	}
	// Each replica has a log of its own.
	slices.SortStableFunc(marks, func(a, b mark) int { return a.at.Compare(b.at) })
	return lane{"Warnings and errors in the dashboard's log", []row{{"", marks}}}
}

// readLog reads a line as Headlamp and the reference dashboard write them: JSON, with
// level, time, message and error; or, from Go's own server, plain.
func readLog(line string) (drawn mark, worth bool) {
	var entry struct {
		Level, Message, Error string
		Time                  time.Time
	}
	line = strings.TrimSpace(line)
	if err := json.Unmarshal([]byte(line), &entry); err == nil {
		text := entry.Message
		if entry.Error != "" {
			text = strings.TrimPrefix(text+": "+entry.Error, ": ")
		}
		switch strings.ToLower(entry.Level) {
		case "error", "fatal", "panic":
			return mark{at: entry.Time, look: broken, text: shorten(text)}, !entry.Time.IsZero()
		case "warn", "warning":
			return mark{at: entry.Time, look: refused, text: shorten(text)}, !entry.Time.IsZero()
		}
		return mark{}, false
	}
	if len(line) <= len(plainTime) {
		return mark{}, false
	}
	at, err := time.ParseInLocation(plainTime, line[:len(plainTime)], time.Local)
	if err != nil {
		return mark{}, false
	}
	return mark{at: at.UTC(), look: broken, text: shorten(strings.TrimSpace(line[len(plainTime):]))}, true
}
