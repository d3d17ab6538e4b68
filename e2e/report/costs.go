package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cost"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// The groups of processes that costs are told by, besides cost.Rest.
const (
	BrowserCosts   = "browser"
	DashboardCosts = "dashboard"
	KeycloakCosts  = "keycloak"
	ClusterCosts   = "kubernetes"
)

// Costs say what the scenarios took of the machine; the stand's start is not in
// it. On a stand that another process brought up, neither is the stand.
type Costs struct {
	Seconds     float64 `json:"seconds"`            // from the first scenario's beginning to the last one's end
	LongestHold float64 `json:"longestHoldSeconds"` // of all sessions
	Held        int     `json:"heldSessions"`       // sessions that were held past expiries
	HeldAtPeak  int     `json:"heldAtPeak"`         // of those, how many were held when memory was at its peak

	CPUSeconds  map[string]float64 `json:"cpuSeconds"`  // by group of processes
	MemoryBytes map[string]uint64  `json:"memoryBytes"` // by group, at the peak of all together; shared memory is not in it
	PeakAt      time.Time          `json:"peakAt"`

	// What a held session took: of the CPU all that was spent, on whatever ran
	// beside it, too; of the memory what browser and dashboards had at the peak.
	CPUSecondsEach  float64 `json:"cpuSecondsPerHeldSession,omitempty"`
	MemoryBytesEach uint64  `json:"memoryBytesPerHeldSession,omitempty"`
}

// NewCosts takes over what was measured in some time.
func NewCosts(measured cost.Costs, took time.Duration) *Costs {
	costs := &Costs{
		Seconds: rounded(took), CPUSeconds: map[string]float64{}, MemoryBytes: map[string]uint64{}, PeakAt: measured.PeakAt,
	}
	for group, use := range measured.Uses {
		costs.CPUSeconds[group], costs.MemoryBytes[group] = rounded(use.CPU), use.Memory
	}
	return costs
}

// rounded is in seconds: more than a hundredth of one nobody has measured.
func rounded(took time.Duration) float64 { return took.Round(10 * time.Millisecond).Seconds() }

// complete fills in what the timelines tell.
func (c *Costs) complete(run judge.Run) {
	c.Held, c.HeldAtPeak, c.LongestHold = 0, 0, 0
	for _, line := range run.Timelines {
		var open []time.Time
		for _, event := range line.Events {
			switch {
			case event.Witness != timeline.Suite:
			case event.Kind == timeline.HoldBegan:
				c.Held++
				open = append(open, event.At)
			case event.Kind == timeline.HoldEnded && len(open) > 0:
				// Which of several ends is not told; the longest is the first one's.
				c.LongestHold = max(c.LongestHold, rounded(event.At.Sub(open[0])))
				if !c.PeakAt.Before(open[0]) && !c.PeakAt.After(event.At) {
					c.HeldAtPeak++
				}
				open = open[1:]
			}
		}
	}
	c.CPUSecondsEach, c.MemoryBytesEach = 0, 0
	if c.Held > 0 {
		c.CPUSecondsEach = rounded(time.Duration(c.cpu() / float64(c.Held) * float64(time.Second)))
	}
	if c.HeldAtPeak > 0 {
		c.MemoryBytesEach = (c.MemoryBytes[BrowserCosts] + c.MemoryBytes[DashboardCosts]) / uint64(c.HeldAtPeak) //nolint:gosec // is positive
	}
}

func (c *Costs) cpu() float64 {
	total := 0.0
	// In one order, for a sum depends on it.
	for _, group := range slices.Sorted(maps.Keys(c.CPUSeconds)) {
		total += c.CPUSeconds[group]
	}
	return total
}

// String tells the costs in one line.
func (c *Costs) String() string {
	memory := uint64(0)
	for bytes := range maps.Values(c.MemoryBytes) {
		memory += bytes
	}
	groups := slices.SortedFunc(maps.Keys(c.CPUSeconds), func(a, b string) int {
		if c.CPUSeconds[a] != c.CPUSeconds[b] {
			return int(100 * (c.CPUSeconds[b] - c.CPUSeconds[a]))
		}
		return strings.Compare(a, b)
	})
	for i, group := range groups {
		groups[i] = fmt.Sprintf("%s %.0f", group, c.CPUSeconds[group])
	}
	line := fmt.Sprintf("took %.0f s and %.0f CPU seconds (%s), %d MB at most", c.Seconds, c.cpu(), strings.Join(groups, ", "), memory>>20)
	if c.Held == 0 {
		return line
	}
	line += fmt.Sprintf("; %d sessions held, the longest for %.0f s: each at most %.1f CPU seconds", c.Held, c.LongestHold, c.CPUSecondsEach)
	if c.MemoryBytesEach > 0 {
		line += fmt.Sprintf(" and %d MB of browser and dashboard", c.MemoryBytesEach>>20)
	}
	return line
}
