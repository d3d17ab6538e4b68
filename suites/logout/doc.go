// Package logout holds the promises about the end of a session: one small file a
// scenario.
package logout
