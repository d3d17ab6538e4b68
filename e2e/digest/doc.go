// Package digest tells whether two files or directories are the same, by their
// SHA-256: evidence that is not to be changed, and the programs that took part in a
// run.
package digest
