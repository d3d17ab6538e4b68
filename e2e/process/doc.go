// Package process starts a program of the stand, keeps its log, waits until it
// is ready and stops it.
//
// It owns a program while its starter lives. What is left over when a starter
// dies is the reaper's.
package process
