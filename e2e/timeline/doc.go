// Package timeline holds what the witnesses of one spec saw, on one clock: the
// page, the front, Keycloak, the impersonator, the tap, the API server's audit
// log, and the suite itself.
//
// It records, orders, asks and saves. It judges nothing, and it never holds a
// secret: recorders hand it redacted values only.
package timeline
