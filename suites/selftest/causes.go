package selftest

import (
	"fmt"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
)

// DocumentCauses describes, in Markdown, each cause that a report or doctor names,
// what to do about it, and which fault plants it.
func DocumentCauses(catalogue []faults.Fault) string {
	var text strings.Builder
	text.WriteString("# Causes\n\n" +
		"<!-- Generated from the causes and the faults: go test ./suites -run Document -update -->\n\n" +
		"What a report names as the cause of a failure, and doctor of what it finds wrong: the first of these, in this order, that\n" +
		"was seen. The self-test plants the faults beside them, and their runs have to name the cause. `realm-imported-anew` is\n" +
		"planted by the scenario session/realm-reimported, and named where a dashboard does not bear it. `username-claim-missing`\n" +
		"is shown by unit tests alone.\n\n" +
		"| cause | what is wrong | what to do | planted by |\n" +
		"| --- | --- | --- | --- |\n")
	told := map[diagnosis.Cause]bool{}
	for _, cause := range diagnosis.Causes() {
		if told[cause] {
			continue // there are two ways to it
		}
		told[cause] = true
		says, fix := diagnosis.Explain(cause)
		var planted []string
		for _, fault := range catalogue {
			if fault.Cause == string(cause) {
				planted = append(planted, fault.Name)
			}
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s |\n", cause, says, fix, strings.Join(planted, "<br>"))
	}
	return text.String()
}
