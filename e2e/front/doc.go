// Package front is the TLS reverse proxy that the browser talks to, as a
// gateway or an ingress is in a real installation: it keeps the host, says that
// the connection was TLS, spreads requests over the replicas and records them.
//
// It never heals what a dashboard does wrong: no retry, no rewriting.
package front
