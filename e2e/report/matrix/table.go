package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
)

// notRun is the cell of a scenario that a run left out, or did not know yet.
const notRun = "·"

// Table is what several reports say, side by side.
type Table struct {
	Of      string // what a row is: scenario or feature
	Columns []Column
	Groups  []Group
	Notes   []Note
}

// Named is a report, and what a person gave for it.
type Named struct {
	Name   string
	Report report.Report
}

// Column is one report.
type Column struct {
	Dashboard   string
	Name        string // what was given for it, if nothing else tells it from another column
	Settings    string // what tells it from the other columns, besides the dashboard
	Conformance string
	Verdict     judge.Verdict // the look of its head
	Totals      string
	Notice      string
}

// Group are the scenarios of one subject.
type Group struct {
	Subject string
	Rows    []Row
}

// Row is one scenario in all reports.
type Row struct {
	ID      string
	Level   judge.Level
	Promise string
	Cells   []Cell
}

// Cell is one scenario in one report.
type Cell struct {
	Verdict judge.Verdict // empty: it was not run
	Text    string
	Why     string
}

// Note says in which columns a recorded issue explains what fails.
type Note struct {
	Issue     string
	Scenarios []string
}

// Of puts reports side by side, in the order in which they are given.
func Of(named []Named) Table {
	table := Table{Of: "scenario"}
	var reports []report.Report
	for _, one := range named {
		reports = append(reports, one.Report)
	}
	for _, r := range reports {
		table.Columns = append(table.Columns, columnOf(r, reports))
	}
	tellApart(table.Columns, named)
	for _, row := range rows(reports) {
		subject, _, _ := strings.Cut(row.ID, "/")
		if last := len(table.Groups) - 1; last < 0 || table.Groups[last].Subject != subject {
			table.Groups = append(table.Groups, Group{Subject: subject})
		}
		group := &table.Groups[len(table.Groups)-1]
		group.Rows = append(group.Rows, row)
	}
	table.Notes = notes(reports)
	return table
}

// rows are the scenarios of all reports, by id.
func rows(reports []report.Report) []Row {
	byID := map[string]*Row{}
	for i, r := range reports {
		for _, scenario := range r.Scenarios {
			row, known := byID[scenario.ID]
			if !known {
				row = &Row{ID: scenario.ID, Cells: make([]Cell, len(reports))}
				for number := range row.Cells {
					row.Cells[number] = Cell{Text: notRun}
				}
				byID[scenario.ID] = row
			}
			// The last report's words are the newest.
			row.Level, row.Promise = scenario.Level, scenario.Promise
			row.Cells[i] = Cell{Verdict: scenario.Verdict, Text: string(scenario.Verdict), Why: whyOf(scenario)}
		}
	}
	var sorted []Row
	for _, row := range byID {
		sorted = append(sorted, *row)
	}
	slices.SortFunc(sorted, func(a, b Row) int { return strings.Compare(a.ID, b.ID) })
	return sorted
}

func whyOf(scenario report.Scenario) string {
	said := strings.Join(strings.Fields(scenario.Reason), " ")
	if scenario.Issue != "" {
		said = strings.TrimSpace(said + " (recorded: " + scenario.Issue + ")")
	}
	return said
}

// columnOf is a report's head: as much of its settings as tells it from others.
func columnOf(r report.Report, all []report.Report) Column {
	column := Column{Dashboard: r.Dashboard.Name + " " + r.Dashboard.Version, Notice: r.Notice, Totals: totals(r), Verdict: judge.Passed}
	var settings []string
	for _, setting := range []func(report.Report) string{
		func(r report.Report) string { return r.Settings.Identity },
		func(r report.Report) string { return "tokens of " + r.Settings.Lifetime },
		func(r report.Report) string { return fmt.Sprintf("%d expiries", r.Settings.Expiries) },
		func(r report.Report) string { return keycloak(r) },
		func(r report.Report) string { return "suite " + r.Suite },
	} {
		// A run that never began knows less than others, and is not told apart by that.
		if said := setting(r); said != "" && slices.ContainsFunc(all, func(other report.Report) bool { return setting(other) != "" && setting(other) != said }) {
			settings = append(settings, setting(r))
		}
	}
	column.Settings = strings.Join(settings, ", ")
	column.Conformance, column.Verdict = conformance(r)
	return column
}

// tellApart names the columns whose heads would be the same.
func tellApart(columns []Column, named []Named) {
	heads := map[[2]string]int{}
	for _, column := range columns {
		heads[[2]string{column.Dashboard, column.Settings}]++
	}
	for i, column := range columns {
		if heads[[2]string{column.Dashboard, column.Settings}] > 1 {
			columns[i].Name = named[i].Name
		}
	}
}

// conformance is what the report says of it, shorter than it says it, and how
// that looks.
func conformance(r report.Report) (string, judge.Verdict) {
	words := map[string]string{
		report.NothingAgainst: "nothing against it, of those chosen",
		report.NothingAbout:   "nothing about it",
	}[r.Conformance()]
	if words == "" {
		words = strings.ToLower(r.Conformance())
	}
	switch {
	case !r.AsRecorded:
		return words + ", not as recorded", judge.Failed
	case r.Blocked:
		return words + ", blocked", judge.Blocked
	case r.Conformance() == report.NotConformant:
		return words + ", as recorded", judge.Known
	default:
		return words, judge.Passed
	}
}

func keycloak(r report.Report) string {
	for _, part := range r.Stand {
		if part.Name == "keycloak" {
			return "Keycloak " + part.Version
		}
	}
	return ""
}

func totals(r report.Report) string {
	var said []string
	for _, verdict := range report.Verdicts {
		if n := r.Totals[string(verdict)]; n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	return strings.Join(said, ", ")
}

// notes are the recorded issues that the reports name, with their scenarios.
func notes(reports []report.Report) []Note {
	byIssue := map[string][]string{}
	for _, r := range reports {
		for _, scenario := range r.Scenarios {
			if scenario.Issue != "" && !slices.Contains(byIssue[scenario.Issue], scenario.ID) {
				byIssue[scenario.Issue] = append(byIssue[scenario.Issue], scenario.ID)
			}
		}
	}
	var sorted []Note
	for issue, scenarios := range byIssue {
		slices.Sort(scenarios)
		sorted = append(sorted, Note{issue, scenarios})
	}
	slices.SortFunc(sorted, func(a, b Note) int { return strings.Compare(a.Issue, b.Issue) })
	return sorted
}
