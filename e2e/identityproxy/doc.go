// Package identityproxy runs an identity-aware proxy before one installation's
// dashboard: oauth2-proxy, which logs users in at Keycloak itself and tells the
// dashboard by headers who they are.
//
// It is configured as one that keeps its promise: what a client says in those
// headers itself goes no further. Whoever wants it otherwise goes past it. It
// records nothing, and is no part of what is judged.
package identityproxy
