// Package session holds the promises about staying logged in. One file is one
// promise.
package session
