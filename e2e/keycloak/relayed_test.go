package keycloak

import (
	"testing"
	"time"
)

func TestEachRealmHasARelayOfItsOwnOnKeycloaksPort(t *testing.T) {
	t.Parallel()
	endpoint := Endpoint{URL: "https://127.0.0.1:20443", Realms: []string{"conformance-01", "conformance-02"}}
	for realm, want := range map[string]string{
		"conformance-01": "https://127.0.3.1:20443/realms/conformance-01",
		"conformance-02": "https://127.0.3.2:20443/realms/conformance-02",
	} {
		if got := endpoint.RelayedIssuer(realm); got != want {
			t.Errorf("%s: %s", realm, got)
		}
	}
}

// A realm that was leased to be relayed, and is leased again, is known by
// Keycloak's own address again.
func TestALeaseSaysByWhichAddressKeycloakIsKnown(t *testing.T) {
	t.Parallel()
	admin, recorder := recording(t, "")
	for _, relayed := range []bool{true, false, true} {
		leased, err := admin.Lease(t.Context(), LeaseOptions{Lifetime: 45 * time.Second, Relayed: relayed})
		if err != nil {
			t.Fatal(err)
		}
		issuer, frontend := admin.endpoint.Issuer("one"), ""
		if relayed {
			issuer, frontend = admin.endpoint.RelayedIssuer("one"), admin.endpoint.RelayedURL("one")
		}
		if leased.Issuer != issuer {
			t.Errorf("relayed %t: the issuer is %s", relayed, leased.Issuer)
		}
		if got := recorder.lastRealm(); got != frontend {
			t.Errorf("relayed %t: Keycloak is known as %q, want %q", relayed, got, frontend)
		}
		if err := leased.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// lastRealm is the address that was last written into a realm.
func (r *recorder) lastRealm() (frontend string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, made := range r.calls {
		if made.what == "PUT one" {
			attributes, _ := made.body["attributes"].(map[string]any)
			frontend, _ = attributes[frontendURL].(string)
		}
	}
	return frontend
}
