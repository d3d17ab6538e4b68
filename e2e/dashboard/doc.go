// Package dashboard finds out what dashboard it was given and runs replicas of
// it as local processes, each with service-account files of its own.
//
// It knows flags and files, no page and no promise. It touches nothing of the
// machine: a private mount namespace stands in for a Pod.
package dashboard
