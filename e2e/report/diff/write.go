package diff

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
)

// section is one kind of change for a person.
type section struct {
	title   string
	changes []Change
	aside   bool // interesting, and nobody has to do anything
}

func (d Diff) sections() []section {
	return []section{
		{"Regressions: passed, and fails now", d.Regressions, false},
		{"Not shown any more", d.Unshown, false},
		{"Fixes: failed, and passes now", d.Fixes, false},
		{"Slower", d.Slower, false},
		{"Another verdict", d.Otherwise, true},
		{"In the new report alone", d.Added, true},
		{"In the old report alone: gone, or left out", d.Gone, true},
	}
}

// WriteText tells the difference to a person at a terminal.
func (d Diff) WriteText(w io.Writer) error {
	var text strings.Builder
	for _, condition := range d.Conditions {
		fmt.Fprintf(&text, "not the same: %s\n", condition.words("->"))
	}
	for _, part := range d.sections() {
		if len(part.changes) == 0 {
			continue
		}
		fmt.Fprintf(&text, "\n%s\n", part.title)
		for _, change := range part.changes {
			fmt.Fprintf(&text, "  %s  %s\n", change.ID, change.step())
			fails := change.New != nil && stateOf(change.New.Verdict) == fails
			if reason := change.reason(); reason != "" && (fails || !part.aside) {
				fmt.Fprintf(&text, "      %s\n", reason)
			}
			if fails && change.New.Evidence != "" {
				fmt.Fprintf(&text, "      evidence: %s\n", change.New.Evidence)
			}
		}
	}
	fmt.Fprintf(&text, "\n%s\n", d.Sentence())
	_, err := io.WriteString(w, report.Printable(strings.TrimLeft(text.String(), "\n")))
	return err
}

// WriteMarkdown tells the difference in the form of a comment on a pull request.
func (d Diff) WriteMarkdown(w io.Writer) error {
	var text strings.Builder
	sign := "✅"
	switch {
	case d.Regressed():
		sign = "❌"
	case d.Incomplete():
		sign = "⚠️"
	}
	fmt.Fprintf(&text, "### %s %s\n", sign, report.Markdown(d.Sentence()))
	if len(d.Conditions) > 0 {
		fmt.Fprint(&text, "\n> Not compared under the same conditions:")
		for i, condition := range d.Conditions {
			if i > 0 {
				fmt.Fprint(&text, ",")
			}
			fmt.Fprintf(&text, " %s", report.Markdown(condition.words("→")))
		}
		fmt.Fprint(&text, ".\n")
	}
	for _, part := range d.sections() {
		if len(part.changes) == 0 {
			continue
		}
		if part.aside {
			fmt.Fprintf(&text, "\n<details><summary>%s (%d)</summary>\n", part.title, len(part.changes))
		} else {
			fmt.Fprintf(&text, "\n#### %s\n", part.title)
		}
		fmt.Fprint(&text, "\n| scenario | level | verdict | why |\n| --- | --- | --- | --- |\n")
		for _, change := range part.changes {
			fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", report.Markdown(change.ID), report.Markdown(string(change.Level)), report.Markdown(change.step()), report.Markdown(change.reason()))
		}
		if part.aside {
			fmt.Fprint(&text, "\n</details>\n")
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// WriteJSON writes the difference for programs.
func (d Diff) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(d); err != nil {
		return fmt.Errorf("encode the difference: %w", err)
	}
	return nil
}

// words tell a condition to a person.
func (c Condition) words(arrow string) string {
	switch {
	case c.Old == "":
		return fmt.Sprintf("%s %s (only the new report names it)", c.Name, c.New)
	case c.New == "":
		return fmt.Sprintf("%s %s (only the old report names it)", c.Name, c.Old)
	default:
		return fmt.Sprintf("%s %s %s %s", c.Name, c.Old, arrow, c.New)
	}
}

// step is a scenario's way from one report to the other.
func (c Change) step() string {
	switch {
	case c.Old == nil:
		return string(c.New.Verdict)
	case c.New == nil:
		return string(c.Old.Verdict)
	case c.Old.Verdict == c.New.Verdict:
		return fmt.Sprintf("%s, %.1f s -> %.1f s", c.New.Verdict, c.Old.Seconds, c.New.Seconds)
	default:
		return fmt.Sprintf("%s -> %s", c.Old.Verdict, c.New.Verdict)
	}
}

// reason says why a scenario ended as it did, in one line.
func (c Change) reason() string {
	told := c.New
	if told == nil || told.Reason == "" && stateOf(told.Verdict) == passes && c.Old != nil && stateOf(c.Old.Verdict) == fails {
		// What is repaired is what had been wrong.
		told = c.Old
	}
	said := strings.Join(strings.Fields(told.Reason), " ")
	if told.Issue != "" {
		said = strings.TrimSpace(said + " (recorded: " + told.Issue + ")")
	}
	return said
}
