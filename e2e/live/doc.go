// Package live carries what specs are doing right now from the suite's
// processes to the command, over a socket: Ginkgo captures their output, and a
// person who waits wants to see them hold.
//
// It is for people's eyes. No verdict depends on it, and losing it loses
// nothing.
package live
