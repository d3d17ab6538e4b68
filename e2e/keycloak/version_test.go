package keycloak

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestEachVersionIsToldOfOneAdministratorAndOneAddress(t *testing.T) {
	t.Parallel()
	if !slices.Equal(Versions, []string{DefaultVersion, "24.0.5"}) {
		t.Errorf("the versions are %v", Versions)
	}
	const address = "https://127.0.0.1:8443"
	for _, version := range Versions {
		if err := Check(version); err != nil {
			t.Error(err)
		}
		start := strings.Join(releases[version].startArguments(address), " ")
		if !strings.HasPrefix(start, "start --optimized ") || !strings.Contains(start, "="+address) {
			t.Errorf("%s starts with %s", version, start)
		}
		secret := newSecret()
		told := releases[version].bootstrap(secret)
		if len(told) != 2 || !strings.HasSuffix(told[0], "="+administrator) || !strings.HasSuffix(told[1], "="+secret.Reveal()) {
			t.Errorf("%s is told of another administrator", version)
		}
	}
	if err := Check("1.2.3"); err == nil || !strings.Contains(err.Error(), `"1.2.3" is not known; known: `+strings.Join(Versions, ", ")) {
		t.Errorf("got %v", err)
	}
}

// TestTheAdministratorOfAVersionPresentsItselfOnce has a token used again as long
// as it lives.
func TestTheAdministratorOfAVersionPresentsItselfOnce(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]map[string]string{
		DefaultVersion: {"grant_type": "client_credentials"},
		"24.0.5":       {"grant_type": "password", "client_id": "admin-cli", "username": administrator},
	} {
		secret := newSecret()
		granted := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			granted++
			got := map[string]string{}
			for name := range want {
				got[name] = r.FormValue(name)
			}
			id, password, _ := r.BasicAuth()
			presented := r.FormValue("password") == secret.Reveal() || (id == administrator && password == secret.Reveal())
			if !reflect.DeepEqual(got, want) || !presented {
				t.Errorf("%s: it presents itself by %v", version, got)
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"access_token": "token", "token_type": "Bearer", "expires_in": 60}`)
		}))
		source := releases[version].administrator(t.Context(), server.URL, secret)
		for range 2 {
			if token, err := source.Token(); err != nil || token.AccessToken != "token" {
				t.Errorf("%s: got %v, %v", version, token, err)
			}
		}
		if granted != 1 {
			t.Errorf("%s: two requests take %d tokens", version, granted)
		}
		server.Close()
	}
}

func TestAnAdministratorWhoIsRefusedIsToldWithoutTheSecret(t *testing.T) {
	t.Parallel()
	for _, version := range Versions {
		secret := newSecret()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, `{"error": "invalid_grant", "error_description": %q}`, secret.Reveal())
		}))
		_, err := releases[version].administrator(t.Context(), server.URL, secret).Token()
		if err == nil || strings.Contains(hideSecret(err).Error(), secret.Reveal()) || !strings.Contains(hideSecret(err).Error(), "invalid_grant") {
			t.Errorf("%s: got %v", version, err)
		}
		server.Close()
	}
}
