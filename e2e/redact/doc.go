// Package redact turns secrets into something that may be kept: a short hash
// and the claims of a token, a URL without its codes, a text without its
// tokens.
//
// Whatever a witness records or evidence saves passes through here first. It
// never returns anything from which a secret can be used or guessed again.
package redact
