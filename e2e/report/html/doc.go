// Package html writes index.html: the report for a person, in one file that
// needs no other. What became of the run comes first, then what broke, why and
// what to do, then each scenario with everything that was seen of it, drawn on
// one axis of time.
//
// It draws what the judge has found. It decides nothing.
package html
