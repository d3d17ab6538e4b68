// Package browser runs one Chromium for a whole run and gives every spec a
// profile of its own in it: tabs whose every alert, route, request, console
// message and WebSocket is recorded from before their first document on.
//
// It trusts the run's authority properly and ignores no certificate error. It
// knows no page: what to click is the business of package pages.
package browser
