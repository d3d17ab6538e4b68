package judge_test

import (
	"cmp"
	"slices"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// flow is a course of events other than the healthy hold, with the rules that
// are about it alone: a rule about a logout, say, cannot be kept by a page that
// stays.
type flow struct {
	rules []string
	// line is the course in which all of its rules are kept.
	line func(mode string) timeline.Timeline
	// broken are the ways to break its rules, each a change of line. They name
	// in also the others of its rules that they break.
	broken []broken
}

// flows are all of them: each is in a file of its own, flow_<name>_test.go.
func flows() []flow {
	return slices.Concat([]flow{
		logoutFlow(), logoutRenewalFlow(), attackFlow(), forbiddenFlow(), forgedFlow(), chunksFlow(), disturbedHold(),
		impersonatorFlow(), accountFlow(), groupsFlow(), rightsFlow(), isolatedFlow(), reimportedFlow(), clustersFlow(),
		streamsFlow(), everyVerbFlow(), prefixedFlow(), constrainedFlow(), takenFlow(), forwardedFlow(), multiplexerFlow(),
		{rules: endRules, line: ended, broken: brokenEnds()},
		{rules: renewalRules, line: renewed, broken: brokenRenewals()},
		{rules: sleepRules, line: slept, broken: brokenSleeps()},
		{rules: offlineRules, line: sleptOffline, broken: brokenOffline()},
	}, entranceFlows(), refusalFlows())
}

func rulesOfFlows() []string {
	var names []string
	for _, flow := range flows() {
		names = append(names, flow.rules...)
	}
	return names
}

func brokenFlows() []broken {
	var cases []broken
	for _, flow := range flows() {
		cases = append(cases, flow.broken...)
	}
	return cases
}

func TestEachFlowKeepsItsRules(t *testing.T) {
	t.Parallel()
	for _, flow := range flows() {
		for _, name := range flow.rules {
			for _, finding := range check(flow.line("token"), name) {
				t.Errorf("%s: %s %s: %s", finding.Rule, finding.At.Format("15:04:05.000"), finding.Symptom, finding.Text)
			}
		}
	}
}

func TestTheRulesOfAFlowBreakForTheirOwnReasons(t *testing.T) {
	t.Parallel()
	for _, flow := range flows() {
		for _, broken := range flow.broken {
			t.Run(broken.rule+" "+broken.how, func(t *testing.T) {
				t.Parallel()
				line := flow.line(cmp.Or(broken.mode, "token"))
				broken.change(&line)
				line.Sort()
				var also []string
				for _, name := range flow.rules {
					findings := check(line, name)
					if name == broken.rule {
						checkFindings(t, broken, findings)
					} else if len(findings) > 0 {
						also = append(also, name)
					}
				}
				slices.Sort(also)
				if want := slices.Sorted(slices.Values(broken.also)); !slices.Equal(also, want) {
					t.Errorf("it breaks also %v, not %v", also, want)
				}
			})
		}
	}
}
