package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cost"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// peak is when memory was at its peak.
var peak = noon.Add(30 * time.Second)

func measured() cost.Costs {
	return cost.Costs{PeakAt: peak, Uses: map[string]cost.Use{
		report.BrowserCosts: {CPU: 50 * time.Second, Memory: 500 << 20}, report.DashboardCosts: {CPU: 5500 * time.Millisecond, Memory: 100 << 20},
		report.KeycloakCosts: {CPU: 20 * time.Second, Memory: 400 << 20}, cost.Rest: {CPU: 5500 * time.Millisecond, Memory: 50 << 20},
	}}
}

// held is a timeline with sessions that were held, each from and to a second: the
// peak is the tenth.
func held(holds ...[2]int) timeline.Timeline {
	line := timeline.Timeline{}
	for _, hold := range holds {
		line.Events = append(line.Events,
			timeline.Event{At: peak.Add(time.Duration(hold[0]-10) * time.Second), Witness: timeline.Suite, Kind: timeline.HoldBegan},
			timeline.Event{At: peak.Add(time.Duration(hold[1]-10) * time.Second), Witness: timeline.Suite, Kind: timeline.HoldEnded})
	}
	line.Sort()
	return line
}

func costsOf(t *testing.T, lines ...timeline.Timeline) *report.Costs {
	t.Helper()
	run := judge.Run{Timelines: map[string]timeline.Timeline{}}
	for i, line := range lines {
		run.Timelines[strings.Repeat("x", i+1)] = line
	}
	whole := report.Report{Costs: report.NewCosts(measured(), 61*time.Second)}
	// Twice: a saved run is judged again.
	for range 2 {
		whole.Complete(run, judge.Judgement{})
	}
	return whole.Costs
}

func TestCostsAreSharedByTheSessionsThatWereHeld(t *testing.T) {
	t.Parallel()
	costs := costsOf(t, held([2]int{0, 40}), held([2]int{5, 20}, [2]int{6, 50}), held([2]int{11, 30}), held())
	if costs.Held != 4 || costs.HeldAtPeak != 3 || costs.LongestHold != 44 {
		t.Errorf("%d were held, %d at the peak, the longest for %v s", costs.Held, costs.HeldAtPeak, costs.LongestHold)
	}
	if costs.CPUSecondsEach != 20.25 || costs.MemoryBytesEach != 200<<20 {
		t.Errorf("each took %v CPU seconds and %d bytes", costs.CPUSecondsEach, costs.MemoryBytesEach)
	}
	const want = "took 61 s and 81 CPU seconds (browser 50, keycloak 20, dashboard 6, suite 6), 1050 MB at most; " +
		"4 sessions held, the longest for 44 s: each at most 20.2 CPU seconds and 200 MB of browser and dashboard"
	if got := costs.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestCostsOfARunThatHeldNothing(t *testing.T) {
	t.Parallel()
	costs := costsOf(t, held())
	if got := costs.String(); costs.CPUSecondsEach != 0 || costs.MemoryBytesEach != 0 || strings.Contains(got, "held") {
		t.Errorf("it says %s", got)
	}
}

// TestAHoldThatDidNotEndIsOneAllTheSame has a run that was killed.
func TestAHoldThatDidNotEndIsOneAllTheSame(t *testing.T) {
	t.Parallel()
	line := held([2]int{0, 40})
	line.Events = line.Events[:1]
	if costs := costsOf(t, line); costs.Held != 1 || costs.HeldAtPeak != 0 || costs.LongestHold != 0 {
		t.Errorf("got %+v", costs)
	}
}
