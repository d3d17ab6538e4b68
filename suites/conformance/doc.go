// Package conformance is how scenarios join the suite: it registers them with
// Ginkgo and with the catalogue, gives each an installation, saves what was
// seen, and tells the environment's faults from the dashboard's.
//
// A scenario is one call of Scenario in a file of its own; this package knows
// none of them.
package conformance
