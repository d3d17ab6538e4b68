// Package pki makes the run's own certificate authority and the certificates
// that Keycloak, the API server, front, tap and their clients use.
//
// The authority comes first: every part of the stand trusts it properly, so
// nothing anywhere has a reason to ignore a certificate error. This package
// knows no part of the stand by name and never talks to the network.
package pki
