// Package keycloaktest starts a real Keycloak for a test, and stops it with the
// test. A start takes ten seconds: one is for all the subtests that lease realms of
// it.
//
// The test's program has to run below a reaper, or a test that is killed leaves a
// Keycloak behind.
package keycloaktest
