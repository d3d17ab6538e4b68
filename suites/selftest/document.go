package selftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

// Document describes, in Markdown, which fault each scenario has to fail on, and
// for which reason.
func Document(scenarios []conformance.Entry, catalogue []faults.Fault) string {
	var text strings.Builder
	text.WriteString("# Self-test\n\n" +
		"<!-- Generated from the catalogues of scenarios and faults: go test ./suites -run Document -update -->\n\n" +
		"`make self-test` plants each of these faults, and the scenarios beside it have to fail and to show\n" +
		"the symptoms named there. Every other scenario has to pass, those apart of which nothing can be said\n" +
		"while the fault is planted: one of them is tried with every twelfth fault, others on each day.\n" +
		"`make self-test FULL=1` runs the whole table, in every identity mode.\n\n" +
		"| fault | what a person would notice | modes | must fail, with these symptoms | nothing can be said of |\n" +
		"| --- | --- | --- | --- | --- |\n")
	for _, fault := range catalogue {
		modes := "all"
		if len(fault.Modes) > 0 {
			modes = strings.Join(fault.Modes, ", ")
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %s | %s |\n", fault.Name, fault.Notice, modes,
			strings.Join(mustFailWith(scenarios, fault), "<br>"), strings.Join(spoilt(scenarios, fault), "<br>"))
	}
	return text.String()
}

func mustFailWith(scenarios []conformance.Entry, fault faults.Fault) []string {
	var lines []string
	for _, entry := range scenarios {
		for _, proof := range entry.Proofs {
			if proof.Fault != fault.Name {
				continue
			}
			symptoms := make([]string, len(proof.Symptoms))
			for i, symptom := range proof.Symptoms {
				symptoms[i] = string(symptom)
			}
			lines = append(lines, fmt.Sprintf("%s: %s", entry.ID, strings.Join(symptoms, ", ")))
		}
	}
	return lines
}

func spoilt(scenarios []conformance.Entry, fault faults.Fault) []string {
	var ids []string
	others := 0
	for _, entry := range scenarios {
		if slices.Contains(entry.Faults, fault.Name) {
			continue
		}
		others++
		if fault.Spoils(entry.ID) {
			ids = append(ids, entry.ID)
		}
	}
	if others > 0 && len(ids) == others {
		return []string{"any other"}
	}
	return ids
}
