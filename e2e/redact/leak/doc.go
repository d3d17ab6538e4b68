// Package leak proves that no secret is in what a run leaves behind: it keeps
// the secrets that the run's parts saw in a file of the run's own, and looks for
// them, and for any signed token, in files and in what was printed, also inside
// base64, URL encoding and gzip.
//
// It names a kind and a place, and must never write or return a secret.
package leak
