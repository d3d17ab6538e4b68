// Package relay stands between one installation and Keycloak, where a scenario
// asks for it: so that Keycloak can be lost to it, or be slow for it, and to
// nobody else.
//
// A relay passes everything on as it is. It must not decide when something goes
// wrong, and it records nothing: it tells whoever started it.
package relay
