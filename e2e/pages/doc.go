// Package pages knows the pages that a person meets: Headlamp's (the bundled
// reference dashboard has the same) and Keycloak's login form. Each function
// says what it waits for.
//
// It clicks and waits, and asserts nothing: what is promised is the suites'.
package pages
