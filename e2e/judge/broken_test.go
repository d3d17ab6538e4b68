package judge_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// broken is one way to break a rule.
type broken struct {
	rule    string
	how     string
	mode    string // the identity mode; token, when it is not given
	symptom judge.Symptom
	says    string // in the text of a finding
	change  func(*timeline.Timeline)
	// also are the other rules that this breaks as well: all of them, so that no
	// rule breaks for a reason that is another's subject.
	also []string
}

// line is the healthy timeline, broken.
func (b broken) line() timeline.Timeline {
	line := healthy(cmp.Or(b.mode, "token"))
	b.change(&line)
	line.Sort()
	return line
}

// brokenCases are the ways to break every rule: on the healthy hold, and on the
// flows.
func brokenCases() []broken { return append(brokenHolds(), brokenFlows()...) }

func brokenHolds() []broken {
	return slices.Concat(brokenLogins(), brokenPages(), brokenLoops(), brokenBlips(), brokenExpiries(), brokenIdentities(), brokenWitnesses(), brokenImpersonations())
}

func TestEveryRuleBreaksForItsOwnReason(t *testing.T) {
	t.Parallel()
	for _, broken := range brokenHolds() {
		t.Run(broken.rule+" "+broken.how, func(t *testing.T) {
			t.Parallel()
			line := broken.line()
			var also []string
			for _, name := range rulesOf(line.Header.Mode) {
				findings := check(asserted(line), name)
				switch {
				case name == broken.rule:
					checkFindings(t, broken, findings)
				case len(findings) > 0:
					also = append(also, name)
					if !slices.Contains(broken.also, name) {
						t.Errorf("it breaks %s too: %v", name, findings)
					}
				}
			}
			for _, name := range broken.also {
				if !slices.Contains(also, name) {
					t.Errorf("it does not break %s", name)
				}
			}
		})
	}
}

func checkFindings(t *testing.T, broken broken, findings []judge.Finding) {
	t.Helper()
	if len(findings) == 0 {
		t.Fatal("the rule is kept")
	}
	said := false
	for _, finding := range findings {
		if finding.Symptom != broken.symptom || finding.Rule != broken.rule {
			t.Errorf("symptom %s of rule %s: %s", finding.Symptom, finding.Rule, finding.Text)
		}
		said = said || strings.Contains(finding.Text, broken.says)
	}
	if !said {
		t.Errorf("no finding says %q: %v", broken.says, findings)
	}
}

func TestEveryRuleHasABrokenCase(t *testing.T) {
	t.Parallel()
	cases := brokenCases()
	for _, name := range judge.Names() {
		if !slices.ContainsFunc(cases, func(b broken) bool { return b.rule == name }) {
			t.Errorf("nothing shows that the rule %s can break: add a case", name)
		}
	}
}

func TestEverySymptomHasABrokenCase(t *testing.T) {
	t.Parallel()
	cases := brokenCases()
	for _, symptom := range declaredSymptoms(t) {
		if !slices.ContainsFunc(cases, func(b broken) bool { return b.symptom == symptom }) {
			t.Errorf("nothing shows that the symptom %s is ever found: add a case", symptom)
		}
	}
}

// among applies a change to every event that fits, and demands that one does.
func among(fits func(timeline.Event) bool, change func(*timeline.Event)) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		changed := false
		for i := range line.Events {
			if fits(line.Events[i]) {
				change(&line.Events[i])
				changed = true
			}
		}
		if !changed {
			panic("no event fits: this case changes nothing")
		}
	}
}

// without removes every event that fits, and demands that one does.
func without(fits func(timeline.Event) bool) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		before := len(line.Events)
		line.Events = slices.DeleteFunc(line.Events, fits)
		if len(line.Events) == before {
			panic("no event fits: this case changes nothing")
		}
	}
}

// during adds an event in the middle of the hold.
func during(event timeline.Event) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		crossed := line.Of(timeline.Suite, timeline.ExpiryCrossed)
		line.Events = append(line.Events, at(event, crossed[1].At))
	}
}

func all(changes ...func(*timeline.Timeline)) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		for _, change := range changes {
			change(line)
		}
	}
}

func is(witness timeline.Witness, kinds ...timeline.Kind) func(timeline.Event) bool {
	return func(e timeline.Event) bool { return e.Witness == witness && slices.Contains(kinds, e.Kind) }
}

// nth fits the n-th event, counted from 0, that fits.
func nth(n int, fits func(timeline.Event) bool) func(timeline.Event) bool {
	seen := -1
	return func(e timeline.Event) bool {
		if !fits(e) {
			return false
		}
		seen++
		return seen == n
	}
}

// poll fits the request for the cluster's health in the middle of the hold, as
// one witness saw it.
func poll(witness timeline.Witness) func(timeline.Event) bool {
	return nth(6, func(e timeline.Event) bool {
		return e.Witness == witness && e.Request != nil && strings.HasSuffix(e.Request.URL, "/healthz")
	})
}

func text(text string) func(*timeline.Event) {
	return func(e *timeline.Event) { e.Text = text }
}
