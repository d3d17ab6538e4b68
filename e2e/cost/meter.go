package cost

import (
	"maps"
	"os"
	"slices"
	"sync"
	"time"
)

// interval is how often it is looked: what a process takes after it was last seen
// is not counted, and a second of a hold costs next to nothing.
const interval = time.Second

// Rest is the group of every process that is in no other.
const Rest = "suite"

// Groups says which group a program belongs to, by the name that it is called by.
// What a program starts belongs to its group, unless it has one of its own.
type Groups map[string]string

// Use is what a group of processes took.
type Use struct {
	CPU    time.Duration
	Memory uint64 // in bytes of its own, when all groups together took the most
}

// Costs are what a run took.
type Costs struct {
	Uses map[string]Use // by group
	// PeakAt is when all groups together took the most memory.
	PeakAt time.Time
}

// Total is what all groups took.
func (c Costs) Total() Use {
	var total Use
	for use := range maps.Values(c.Uses) {
		total.CPU += use.CPU
		total.Memory += use.Memory
	}
	return total
}

// Names are the groups' names, the one that took the most CPU time first.
func (c Costs) Names() []string {
	return slices.SortedFunc(maps.Keys(c.Uses), func(a, b string) int {
		if c.Uses[a].CPU != c.Uses[b].CPU {
			return int(c.Uses[b].CPU - c.Uses[a].CPU)
		}
		return slices.Compare([]string{a}, []string{b})
	})
}

// Meter measures until it is stopped.
type Meter struct {
	proc   string
	root   int
	groups Groups

	before map[identity]time.Duration // CPU time that was spent before the first look
	cpu    map[identity]spent
	memory map[string]uint64
	peak   uint64
	peakAt time.Time

	stop chan struct{}
	done sync.WaitGroup
}

type identity struct {
	id      int
	started uint64
}

type spent struct {
	group string
	cpu   time.Duration
}

// Start begins to measure this process and all below it, from now on.
func Start(groups Groups) *Meter {
	meter := newMeter("/proc", os.Getpid(), groups)
	meter.look(time.Now())
	meter.done.Go(func() {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-meter.stop:
				return
			case now := <-ticker.C:
				meter.look(now)
			}
		}
	})
	return meter
}

func newMeter(proc string, root int, groups Groups) *Meter {
	return &Meter{proc: proc, root: root, groups: groups, cpu: map[identity]spent{}, stop: make(chan struct{})}
}

// Stop looks a last time, and returns what was taken.
func (m *Meter) Stop() Costs {
	close(m.stop)
	m.done.Wait()
	m.look(time.Now())
	costs := Costs{Uses: map[string]Use{}, PeakAt: m.peakAt.UTC()}
	for spent := range maps.Values(m.cpu) {
		use := costs.Uses[spent.group]
		use.CPU += spent.cpu
		costs.Uses[spent.group] = use
	}
	for group, memory := range m.memory {
		use := costs.Uses[group]
		use.Memory = memory
		costs.Uses[group] = use
	}
	return costs
}

// look takes over what is below the root now. A list that cannot be read is left
// out: no verdict depends on it.
func (m *Meter) look(now time.Time) {
	below, err := processes(m.proc, m.root)
	if err != nil {
		return
	}
	first := m.before == nil
	if first {
		m.before = map[identity]time.Duration{}
	}
	groups := map[int]string{}
	memory := map[string]uint64{}
	total := uint64(0)
	for _, process := range below {
		// Parents come before their children.
		group, known := m.groups[process.name]
		if !known {
			if group, known = groups[process.parent]; !known {
				group = Rest
			}
		}
		groups[process.id] = group
		key := identity{process.id, process.started}
		if first {
			m.before[key] = process.cpu
		}
		m.cpu[key] = spent{group, process.cpu - m.before[key]}
		memory[group] += process.memory
		total += process.memory
	}
	if total > m.peak {
		m.peak, m.memory, m.peakAt = total, memory, now
	}
}
