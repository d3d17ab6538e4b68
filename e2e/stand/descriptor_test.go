package stand

import (
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// pool is a stand's with so many plain realms.
func pool(plain int) Descriptor {
	return Descriptor{Keycloak: keycloak.Endpoint{
		URL: "https://127.0.0.1:8443", Realms: realm.Plain.Names(plain), Few: realm.Few(),
	}}
}

func TestTheAPIServerIsToldOfEachRealmAsItsKindSays(t *testing.T) {
	t.Parallel()
	told := map[string]cluster.Issuer{}
	for _, issuer := range pool(1).issuers() {
		told[issuer.URL] = issuer
	}
	const own, relayed = "https://127.0.0.1:8443/realms/conformance-01", "https://127.0.3.1:8443/realms/conformance-01"
	const prefixed, issuerPrefixed = "https://127.0.0.1:8443/realms/prefixed-02", "https://127.0.0.1:8443/realms/issuer-prefixed-01"
	for url, want := range map[string][2]string{
		own: {}, relayed: {}, prefixed: {"oidc:", "oidc:"}, issuerPrefixed: {issuerPrefixed + "#", ""},
	} {
		issuer, known := told[url]
		if !known || issuer.UsernamePrefix != want[0] || issuer.GroupsPrefix != want[1] {
			t.Errorf("%s: %t, %q and %q", url, known, issuer.UsernamePrefix, issuer.GroupsPrefix)
		}
	}
	for _, name := range realm.Few()[realm.Undeclared] {
		if _, known := told["https://127.0.0.1:8443/realms/"+name]; known {
			t.Errorf("it is told of %s", name)
		}
	}
}

func TestMoreRealmsThanAreAllowedWouldBeTooManyForAnAPIServer(t *testing.T) {
	t.Parallel()
	if got := len(pool(MaxRealms).issuers()); got > cluster.MaxIssuers {
		t.Errorf("%d realms take %d issuers", MaxRealms, got)
	}
	if got := len(pool(MaxRealms + 1).issuers()); got <= cluster.MaxIssuers {
		t.Errorf("%d realms would do as well: they take %d issuers", MaxRealms+1, got)
	}
}
