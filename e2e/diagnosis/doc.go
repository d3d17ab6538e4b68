// Package diagnosis names the cause of a failure: what in the configuration of
// Keycloak, the API server, the impersonator or the dashboard is wrong, what shows
// it, and what to do about it.
//
// It is pure, and it guesses nothing: a cause is named only when a witness saw
// what no other known cause leaves behind. A failure without a diagnosis is the
// usual case for a fault of the dashboard's own code.
package diagnosis
