package cluster

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/golden"
)

func TestTheAuthenticationConfigurationTrustsEachIssuerAsItIsTold(t *testing.T) {
	t.Parallel()
	authority := filepath.Join("testdata", "ca.crt")
	rendered, err := renderAuthentication([]Issuer{
		{URL: "https://127.0.0.1:8443/realms/a", Audience: "headlamp", CAFile: authority, UsernameClaim: "preferred_username", GroupsClaim: "groups"},
		{URL: "https://127.0.0.1:8443/realms/b", Audience: "other", CAFile: authority, UsernameClaim: "sub", UsernamePrefix: "oidc:", GroupsClaim: "roles", GroupsPrefix: "oidc:"},
		{URL: "https://127.0.0.1:8443/realms/c", Audience: "headlamp", UsernameClaim: "preferred_username", GroupsClaim: "groups"},
	})
	if err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, filepath.Join("testdata", "authentication.yaml"), rendered)
}

func TestAnAPIServerIsToldOfSixtyFourIssuersAndNoMore(t *testing.T) {
	t.Parallel()
	issuers := make([]Issuer, MaxIssuers)
	for i := range issuers {
		issuers[i] = Issuer{URL: fmt.Sprintf("https://127.0.0.1/realms/%d", i), CAFile: filepath.Join("testdata", "ca.crt")}
	}
	rendered, err := renderAuthentication(issuers)
	if err != nil {
		t.Errorf("%d issuers: %v", len(issuers), err)
	}
	if got := bytes.Count(rendered, []byte("url: ")); got != MaxIssuers {
		t.Errorf("%d issuers are told", got)
	}
	if _, err := renderAuthentication(append(issuers, issuers[0])); err == nil || !strings.Contains(err.Error(), "64") {
		t.Errorf("%d issuers: got %v", len(issuers)+1, err)
	}
}

func TestAnIssuerWithoutItsAuthorityIsNamed(t *testing.T) {
	t.Parallel()
	issuer := Issuer{URL: "https://127.0.0.1/realms/a", CAFile: filepath.Join(t.TempDir(), "none.crt")}
	if _, err := renderAuthentication([]Issuer{issuer}); err == nil || !strings.Contains(err.Error(), issuer.URL) {
		t.Errorf("got %v", err)
	}
}
