// Package golden compares what a test made with the file that says what it has to
// be, and writes that file anew when the test is run with -update.
//
// It is for tests alone: a program that links it in has the flag.
package golden
