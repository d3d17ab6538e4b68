// Package doctor asks a deployed set-up, from outside and within seconds, what a
// dashboard needs of Keycloak and the API server: discovery, certificates,
// redirect URI, scopes, client secret, code exchange, refresh, claims, and whom
// the API server takes the token's user for.
//
// It changes nothing and holds nothing: of the session that it begins with a test
// user's password it is rid at the end. A whole run says more; this says sooner.
package doctor
