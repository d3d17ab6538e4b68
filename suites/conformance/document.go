package conformance

import (
	"fmt"
	"strings"
)

// Document describes the scenarios in Markdown.
func Document(entries []Entry) string {
	var text strings.Builder
	text.WriteString("# Scenarios\n\n" +
		"<!-- Generated from the catalogue of scenarios: go test ./suites -run Document -update -->\n\n" +
		"A scenario is one promise. Core promises decide whether a dashboard is conformant; extended ones are\n" +
		"always run. In a mode that is set off as set-up, a scenario checks the stand or the impersonator, and\n" +
		"the dashboard gets no credit for it. [self-test.md](self-test.md) says how each fault shows.\n\n" +
		"| id | promise | level | modes | sources | fails on |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, entry := range entries {
		modes := make([]string, len(entry.Modes))
		for i, mode := range entry.Modes {
			modes[i] = string(mode)
			if level := entry.LevelIn(mode); level != entry.Level {
				modes[i] += fmt.Sprintf(" (%s)", level)
			}
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s | %s |\n", entry.ID, entry.Promise, entry.Level,
			strings.Join(modes, ", "), strings.Join(entry.Sources, ", "), strings.Join(entry.Faults, ", "))
	}
	return text.String()
}
