// Package report writes what the judge found: conformance.yaml for programs and
// for comparing versions, junit.xml for CI, and a summary for the person at the
// terminal.
//
// It writes and reads files. It decides nothing.
package report
