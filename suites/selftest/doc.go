// Package selftest tests the suite itself: it plans runs of scenarios with a
// fault planted, and without one, and says whether each ended as it must. A
// scenario has to fail on the faults that it names, for the reason that it
// names, and to pass whenever nothing concerns it.
//
// It is pure: the command runs what is planned here.
package selftest
