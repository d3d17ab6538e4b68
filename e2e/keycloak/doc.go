// Package keycloak prepares, starts and administers a real Keycloak with a pool
// of realms: one is leased to each installation and is reset before it is.
//
// Its admin client does what an administrator does and no more. It knows no
// dashboard and no scenario.
package keycloak
