// Package judge makes verdicts out of timelines. It is pure: the same saved run
// gives the same report, on any machine and at any time.
//
// A rule is a promise's part that a timeline keeps or breaks; specs assert
// through rules alone, so that what they asserted can be replayed. The judge
// starts nothing, waits for nothing, and reads no clock.
package judge
