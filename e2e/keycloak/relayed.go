package keycloak

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
)

// frontendURL is the realm's attribute that says under which address Keycloak is
// known to its users, issuer included, in the place of its own.
const frontendURL = "frontendUrl"

// KnowAs has the realm's users know Keycloak by another name of its host, issuer
// included, from now on. Those who were told of the former one go on with that.
func (r *Realm) KnowAs(ctx context.Context, host string) error {
	address := "https://" + net.JoinHostPort(host, strconv.Itoa(r.admin.endpoint.Port()))
	err := r.Update(ctx, func(settings map[string]any) {
		attributes, _ := settings["attributes"].(map[string]any)
		if attributes == nil {
			attributes = map[string]any{}
		}
		attributes[frontendURL] = address
		settings["attributes"] = attributes
	})
	if err == nil {
		r.Issuer = address + "/realms/" + r.Name
	}
	return err
}

// Port is the port that Keycloak listens on.
func (e Endpoint) Port() int {
	own, err := url.Parse(e.URL)
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(own.Port())
	if err != nil {
		return 0
	}
	return port
}

// RelayAddress is the loopback address on which a relay may stand before Keycloak
// for the users of one realm: 127.0.3.n is the n-th realm's.
func (e Endpoint) RelayAddress(realm string) string {
	return fmt.Sprintf("127.0.3.%d", slices.Index(e.Realms, realm)+1)
}

// SideAddress is another one, for a realm that its users know by Keycloak's own
// address, and of which one of them learns at the relay's.
func (e Endpoint) SideAddress(realm string) string {
	return fmt.Sprintf("127.0.4.%d", slices.Index(e.Realms, realm)+1)
}

// RelayedURL is Keycloak's address through that relay: its own port, on the
// relay's address.
func (e Endpoint) RelayedURL(realm string) string {
	return "https://" + net.JoinHostPort(e.RelayAddress(realm), strconv.Itoa(e.Port()))
}

// RelayedIssuer is the issuer of a realm's tokens when it is leased to be relayed.
func (e Endpoint) RelayedIssuer(realm string) string { return e.RelayedURL(realm) + "/realms/" + realm }
