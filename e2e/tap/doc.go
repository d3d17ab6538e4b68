// Package tap is the recording reverse proxy that is the last hop before the
// API server: what it saw is what the API server was asked.
//
// It gives every request an Audit-ID of its own, so that wire and audit log can
// be reconciled one by one. It adds no credential and takes none away.
package tap
