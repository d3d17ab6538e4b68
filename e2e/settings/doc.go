// Package settings is what a person can ask of a run: its defaults, and
// everything that can be wrong with it, said all at once and before anything
// is started.
//
// It starts nothing and installs nothing.
package settings
