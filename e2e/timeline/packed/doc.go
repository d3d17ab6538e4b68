// Package packed reads what tests keep of real runs: timelines and logs,
// compressed, for they are long.
//
// It is for tests alone. What a run writes is read by package timeline.
package packed
