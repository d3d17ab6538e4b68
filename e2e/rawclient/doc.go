// Package rawclient is a person without a browser: it logs in to the dashboard
// through Keycloak's own form, keeps the session's cookies as a browser does, or its
// token as the page of an old Headlamp does,
// and asks the dashboard for whatever it likes, with whatever headers.
//
// It shows no page, runs no script and judges nothing: what it caused is the
// witnesses' to tell.
package rawclient
