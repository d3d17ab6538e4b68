package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// findingsShown is how many findings of a scenario the summary prints; the
// report has all of them.
const findingsShown = 6

// What a minute may have without being told to a person: a page with tokens of
// 20 s asks for some three, and polls twelve times; five tabs do so each; one
// scenario has a page ask for a login some times.
const (
	calmTokenCalls  = 20
	calmHealthPolls = 75
	calmLoginPages  = 6
)

// Verdicts are all verdicts, in the order in which totals are told.
var Verdicts = []judge.Verdict{
	judge.Passed, judge.Failed, judge.Known, judge.Fixed, judge.Inapplicable, judge.Blocked,
}

// WriteSummary tells the verdicts to a person.
func (r Report) WriteSummary(w io.Writer) error {
	var text strings.Builder
	width := 0
	for _, scenario := range r.Scenarios {
		width = max(width, len(scenario.ID))
	}
	for _, scenario := range r.Scenarios {
		fmt.Fprintf(&text, "  %-12s  %-*s  %5.1f s  %s\n", scenario.Verdict, width, scenario.ID, scenario.Seconds, scenario.Counts)
		if scenario.Verdict == judge.Passed {
			continue
		}
		if scenario.Issue != "" {
			fmt.Fprintf(&text, "      recorded: %s\n", scenario.Issue)
		}
		if scenario.Reason != "" && (len(scenario.Findings) == 0 || scenario.Findings[0].Text != scenario.Reason) {
			fmt.Fprintf(&text, "      %s\n", indent(scenario.Reason))
		}
		for _, finding := range scenario.Findings[:min(findingsShown, len(scenario.Findings))] {
			fmt.Fprintf(&text, "      %s\n", findingLine(finding))
		}
		if more := len(scenario.Findings) - findingsShown; more > 0 {
			fmt.Fprintf(&text, "      … and %d more in %s\n", more, FileName)
		}
		if why := scenario.Diagnosis; why != nil {
			fmt.Fprintf(&text, "      why: %s\n", why.Says)
			for _, shown := range why.Evidence {
				fmt.Fprintf(&text, "           %s\n", shown)
			}
			fmt.Fprintf(&text, "      do:  %s\n", why.Fix)
		}
		if scenario.Evidence != "" {
			fmt.Fprintf(&text, "      evidence: %s\n", scenario.Evidence)
		}
	}
	fmt.Fprintf(&text, "\n%s\n", r.Sentence())
	_, err := io.WriteString(w, Printable(text.String()))
	return err
}

// Printable takes what would steer a terminal out of a text: a page under test
// has a say in it.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// Sentence is the run's outcome in one line.
func (r Report) Sentence() string {
	var totals []string
	for _, verdict := range Verdicts {
		if n := r.Totals[string(verdict)]; n > 0 {
			totals = append(totals, fmt.Sprintf("%d %s", n, verdict))
		}
	}
	if len(totals) == 0 {
		totals = []string{"no scenario judged"}
	}
	recorded := "as recorded"
	switch {
	case !r.AsRecorded:
		recorded = "not as recorded"
	case r.Blocked:
		// What was not judged is not as recorded either.
		recorded = "blocked"
	}
	sentence := fmt.Sprintf("%s %s, identity mode %s: %s: %s, %s",
		r.Dashboard.Name, r.Dashboard.Version, r.Settings.Identity, strings.Join(totals, ", "), r.Conformance(), recorded)
	if r.Reason != "" {
		sentence += " (" + r.Reason + ")"
	}
	return sentence
}

// What a run can show about the dashboard's conformance.
const (
	Conformant     = "CONFORMANT"
	NotConformant  = "NOT CONFORMANT"
	NotJudged      = "NOT JUDGED"
	NothingAgainst = "nothing against conformance, of the scenarios that were chosen"
	NothingAbout   = "nothing about conformance"
)

// Conformance says what the run shows about the dashboard's conformance, in a
// few words.
func (r Report) Conformance() string {
	switch {
	case r.Conformant && r.Partial:
		return NothingAgainst
	case r.Conformant:
		return Conformant
	case r.Blocked && r.AsRecorded && r.Totals[string(judge.Known)] == 0:
		return NotJudged
	case r.Partial && !slices.ContainsFunc(r.Scenarios, func(s Scenario) bool { return s.Level == judge.Core }):
		return NothingAbout
	default:
		return NotConformant
	}
}

// String tells the counts that are not zero.
func (c Counts) String() string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	add(c.Expiries, "expiries")
	add(c.Refreshes, "refreshes")
	add(c.Tap, "requests at the tap")
	add(c.Audited, "audited")
	storm := func(aMinute, calm int, what string) {
		if aMinute > calm {
			parts = append(parts, fmt.Sprintf("%d %s in a minute", aMinute, what))
		}
	}
	storm(c.TokenCallsAMinute, calmTokenCalls, "calls for tokens")
	storm(c.HealthPollsAMinute, calmHealthPolls, "questions for the cluster's health")
	storm(c.LoginPagesAMinute, calmLoginPages, "pages that ask for a login")
	if len(parts) == 0 {
		return "nothing observed"
	}
	return strings.Join(parts, ", ")
}

func indent(text string) string {
	lines := slices.Collect(strings.Lines(strings.TrimSpace(text)))
	return strings.TrimSpace(strings.Join(lines, "      "))
}
