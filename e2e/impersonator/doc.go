// Package impersonator is the proxy between dashboard and tap in the identity
// mode proxy: it checks a request's bearer token as the API server would, and
// passes the request on under its own credential, with Impersonate-User and one
// Impersonate-Group for each group.
//
// It stands in for products like kube-oidc-proxy, and is no more than a hop:
// it keeps no session, refreshes no token and forgives no expired one. Nothing
// by which a client names or proves an identity goes further than here, and the
// user's token least of all.
package impersonator
