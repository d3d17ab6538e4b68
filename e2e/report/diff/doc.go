// Package diff says what became otherwise between two reports: what passed and
// fails now, what failed and passes, what takes longer.
//
// It compares pass and fail: a failure that has been recorded since is a
// regression all the same. It reads nothing, and starts nothing.
package diff
