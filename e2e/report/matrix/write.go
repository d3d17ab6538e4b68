package matrix

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
)

var signs = map[judge.Verdict]string{
	judge.Passed: "✅", judge.Failed: "❌", judge.Known: "⚠️", judge.Fixed: "🎉", judge.Inapplicable: "➖", judge.Blocked: "🚧",
}

// WriteText draws the table for a terminal.
func (t Table) WriteText(w io.Writer) error {
	lines := [][]string{t.heads(func(c Column) string { return c.Dashboard })}
	for _, of := range []func(Column) string{func(c Column) string { return c.Name }, func(c Column) string { return c.Settings }} {
		if more := t.heads(of); strings.Join(more, "") != "" {
			lines = append(lines, more)
		}
	}
	for _, group := range t.Groups {
		lines = append(lines, []string{""})
		for _, row := range group.Rows {
			line := []string{row.ID}
			for _, cell := range row.Cells {
				line = append(line, cell.Text)
			}
			lines = append(lines, line)
		}
	}
	lines = append(lines, []string{""}, t.heads(func(c Column) string { return c.Conformance }), t.heads(func(c Column) string { return c.Totals }))
	var text strings.Builder
	writeAligned(&text, lines)
	for _, note := range t.Notes {
		fmt.Fprintf(&text, "\n%s explains %s", note.Issue, strings.Join(note.Scenarios, ", "))
	}
	if len(t.Notes) > 0 {
		text.WriteString("\n")
	}
	for _, notice := range t.notices() {
		fmt.Fprintf(&text, "\n%s\n", notice)
	}
	_, err := io.WriteString(w, report.Printable(text.String()))
	return err
}

// heads are one line of the columns' heads, with nothing over the ids.
func (t Table) heads(of func(Column) string) []string {
	line := []string{""}
	for _, column := range t.Columns {
		line = append(line, of(column))
	}
	return line
}

// writeAligned writes lines so that what stands in one column is one below the
// other. No column is wider than what is in it.
func writeAligned(text *strings.Builder, lines [][]string) {
	var widths []int
	for _, line := range lines {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, line := range lines {
		var drawn strings.Builder
		for i, cell := range line {
			drawn.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		fmt.Fprintln(text, strings.TrimRight(drawn.String(), " "))
	}
}

// WriteMarkdown draws the table for a README or a comment.
func (t Table) WriteMarkdown(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintf(&text, "| %s |", t.Of)
	for _, column := range t.Columns {
		fmt.Fprintf(&text, " %s |", report.Markdown(strings.Join(strings.Fields(column.Dashboard+" "+column.Name+" "+column.Settings), " ")))
	}
	text.WriteString("\n| --- |" + strings.Repeat(" --- |", len(t.Columns)) + "\n")
	text.WriteString("| **conformance** |")
	for _, column := range t.Columns {
		fmt.Fprintf(&text, " %s %s |", signs[column.Verdict], report.Markdown(column.Conformance))
	}
	text.WriteString("\n")
	for _, group := range t.Groups {
		for _, row := range group.Rows {
			fmt.Fprintf(&text, "| %s |", report.Markdown(row.ID))
			for _, cell := range row.Cells {
				fmt.Fprintf(&text, " %s |", strings.TrimSpace(signs[cell.Verdict]+" "+report.Markdown(cell.Text)))
			}
			text.WriteString("\n")
		}
	}
	for i, note := range t.Notes {
		if i == 0 {
			text.WriteString("\nRecorded issues:\n\n")
		}
		fmt.Fprintf(&text, "- %s explains %s\n", report.Markdown(note.Issue), report.Markdown(strings.Join(note.Scenarios, ", ")))
	}
	for _, notice := range t.notices() {
		fmt.Fprintf(&text, "\n%s\n", report.Markdown(notice))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// notices are those of all reports, each once.
func (t Table) notices() []string {
	var notices []string
	seen := map[string]bool{}
	for _, column := range t.Columns {
		if column.Notice != "" && !seen[column.Notice] {
			seen[column.Notice] = true
			notices = append(notices, column.Notice)
		}
	}
	return notices
}

var (
	//go:embed matrix.html
	pageSource string
	//go:embed matrix.css
	style string
)

var page = template.Must(template.New("matrix").Parse(pageSource))

// WriteHTML draws the table as a page that needs no other file.
func (t Table) WriteHTML(w io.Writer) error {
	sum := sha256.Sum256([]byte(style))
	err := page.Execute(w, struct {
		Table
		Style     template.CSS
		StyleHash string
		Notices   []string
	}{t, template.CSS(style), "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", t.notices()})
	if err != nil {
		return fmt.Errorf("make the matrix' page: %w", err)
	}
	return nil
}
