package installation

import "fmt"

// ReuseIsRefused says, where Keycloak might let a refresh token be used twice at
// once that may be used once, that nothing is shown by a session that survives.
func (in *Installation) ReuseIsRefused() error {
	keycloak := in.stand.Descriptor.Keycloak
	if keycloak.RefusesReuseAtOnce() {
		return nil
	}
	return &InapplicableError{Reason: fmt.Sprintf(
		"the session survived, and Keycloak %s does not surely refuse a refresh token that is used twice at once (CVE-2026-1035)", keycloak.Version)}
}
