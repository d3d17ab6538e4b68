package matrix

import (
	"fmt"
	"maps"
	"slices"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
)

// ByFeature puts reports side by side as Of does, with a row for each feature in
// place of each scenario: how many of those that could be shown passed. A report of
// before features were told has none.
func ByFeature(named []Named) Table {
	table := Of(named)
	names := map[string]bool{}
	for _, one := range named {
		for _, share := range one.Report.Features {
			names[share.Name] = true
		}
	}
	var group Group
	for _, name := range slices.Sorted(maps.Keys(names)) {
		row := Row{ID: name, Level: judge.Core, Promise: "How many of the scenarios of " + name + " passed, of those that could be shown."}
		for _, one := range named {
			row.Cells = append(row.Cells, featureCell(one.Report.Features, name))
		}
		group.Rows = append(group.Rows, row)
	}
	table.Of, table.Groups, table.Notes = "feature", []Group{group}, nil
	return table
}

func featureCell(shares []report.Share, name string) Cell {
	i := slices.IndexFunc(shares, func(s report.Share) bool { return s.Name == name })
	if i < 0 {
		return Cell{Text: notRun}
	}
	count := func(verdict judge.Verdict) int { return shares[i].Verdicts[string(verdict)] }
	passed := count(judge.Passed) + count(judge.Fixed)
	shown := passed + count(judge.Failed) + count(judge.Known) + count(judge.Blocked)
	cell := Cell{Text: fmt.Sprintf("%d of %d", passed, shown)}
	switch {
	case shown == 0:
		cell.Verdict, cell.Text = judge.Inapplicable, string(judge.Inapplicable)
	case count(judge.Failed) > 0:
		cell.Verdict = judge.Failed
	case count(judge.Blocked) > 0:
		cell.Verdict = judge.Blocked
	case count(judge.Known) > 0:
		cell.Verdict = judge.Known
	default:
		cell.Verdict = judge.Passed
	}
	return cell
}
