// Package stand is what all specs of a run share: the authority, Keycloak, the
// control plane and Chromium. Start brings it up, once; Attach connects any
// process of the run to it by its descriptor.
//
// It knows no scenario. What belongs to one spec alone is an installation.
package stand
