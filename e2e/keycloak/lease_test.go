package keycloak

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// call is a request that the administrator made.
type call struct {
	what string // method and path below /admin/realms
	body map[string]any
}

// recorder answers as Keycloak's admin API does to a reset, and records.
type recorder struct {
	mu     sync.Mutex
	calls  []call
	broken string // what is answered 500 with a message

	realm, client map[string]any // as they are now
}

// imported are a realm and its client as they come out of the import.
func imported() (realm, client map[string]any) {
	return map[string]any{"realm": "one", "ssoSessionMaxLifespan": 36000.0, "notBefore": 0.0, "accessTokenLifespan": 300.0},
		map[string]any{
			"id": "the-client", "clientId": "headlamp", "secret": "pristine", "redirectUris": []any{}, "consentRequired": false,
			"optionalClientScopes": []any{"offline_access", "phone"},
			"attributes":           map[string]any{"realm_client": "false"}, "protocolMappers": []any{map[string]any{"id": "groups"}},
		}
}

func answer(w http.ResponseWriter, with any) {
	if err := json.NewEncoder(w).Encode(with); err != nil {
		panic(err)
	}
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	made := call{what: request.Method + " " + strings.TrimPrefix(request.URL.Path, "/admin/realms/")}
	if content, err := io.ReadAll(request.Body); err == nil && len(content) > 0 {
		if err := json.Unmarshal(content, &made.body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	r.calls = append(r.calls, made)
	switch {
	case made.what == r.broken:
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, `{"errorMessage":"the database is gone"}`)
	case made.what == "GET one/users" || made.what == "GET two/users":
		fmt.Fprint(w, `[{"id":"first"},{"id":"second"}]`)
	case made.what == "GET one/components" || made.what == "GET two/components":
		fmt.Fprint(w, `[{"id":"own","name":"rsa"},{"id":"the-key","name":"rotated"},{"id":"the-lent","name":"lent"}]`)
	case made.what == "GET one/groups" || made.what == "GET two/groups":
		fmt.Fprint(w, `[{"id":"fixed","name":"developers"},{"id":"left","name":"many"}]`)
	case made.what == "GET one/client-scopes":
		fmt.Fprint(w, `[{"id":"the-scope","name":"offline_access"}]`)
	case made.what == "GET one" || made.what == "GET two":
		answer(w, r.realm)
	case strings.HasPrefix(made.what, "GET ") && request.URL.Query().Get("clientId") == realm.Client:
		answer(w, []any{r.client})
	case made.what == "GET one/clients/the-client" || made.what == "GET two/clients/the-client":
		answer(w, r.client)
	case strings.HasPrefix(made.what, "GET "):
		http.NotFound(w, request)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// recording returns an administrator of two realms that are not there.
func recording(t *testing.T, broken string) (*Admin, *recorder) {
	t.Helper()
	recorder := &recorder{broken: broken}
	recorder.realm, recorder.client = imported()
	server := httptest.NewServer(recorder)
	t.Cleanup(server.Close)
	return &Admin{
		endpoint: Endpoint{URL: server.URL, Realms: []string{"one", "two"}, LeaseDir: t.TempDir()},
		secrets:  secrets{Clients: map[string]string{realm.Client: "the client's secret"}},
		http:     server.Client(), plain: server.Client(),
	}, recorder
}

// TestALeasePutsTheRealmBack leases one realm twice: the second lease finds what
// the first one left.
func TestALeasePutsTheRealmBack(t *testing.T) {
	t.Parallel()
	admin, recorder := recording(t, "")
	options := LeaseOptions{Lifetime: 45 * time.Second, RedirectURIs: []string{"https://localhost:1/oidc-callback"}}
	leased, err := admin.Lease(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if leased.Name != "one" || leased.Issuer != admin.endpoint.URL+"/realms/one" || leased.ClientID != realm.Client || leased.ClientSecret.Reveal() != "the client's secret" {
		t.Errorf("leased %+v", leased)
	}
	if err := leased.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	recorder.calls = nil
	recorder.realm["ssoSessionMaxLifespan"], recorder.realm["notBefore"] = 40, 1700000000
	recorder.client["secret"], recorder.client["consentRequired"], recorder.client["surplus"] = "another", true, true
	recorder.client["optionalClientScopes"] = []any{"phone"}
	recorder.client["attributes"], recorder.client["protocolMappers"] = map[string]any{"use.refresh.tokens": "false"}, []any{}
	if _, err := admin.Lease(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	var made []string
	bodies := map[string]map[string]any{}
	for _, call := range recorder.calls {
		made = append(made, call.what)
		bodies[call.what] = call.body
	}
	// Users and sessions first: their removal is an event too.
	want := []string{
		"GET one/users", "DELETE one/users/first", "DELETE one/users/second",
		"GET one/groups", "DELETE one/groups/left", "POST one/logout-all",
		"GET one/components", "DELETE one/components/the-key", "DELETE one/components/the-lent", "PUT one", "GET one/clients/the-client", "PUT one/clients/the-client",
		// The scope that was taken has an address of its own.
		"GET one/clients/the-client", "GET one/client-scopes", "PUT one/clients/the-client/optional-client-scopes/the-scope",
		"DELETE one/events",
	}
	if !reflect.DeepEqual(made, want) {
		t.Errorf("made   %v\nwanted %v", made, want)
	}
	wantRealm, wantClient := imported()
	wantRealm["accessTokenLifespan"] = 45.0
	wantClient["redirectUris"] = []any{"https://localhost:1/oidc-callback"}
	// What is empty is removed.
	wantClient["attributes"] = map[string]any{"realm_client": "false", "use.refresh.tokens": ""}
	if got := bodies["PUT one"]; !reflect.DeepEqual(got, wantRealm) {
		t.Errorf("the realm is put back to\n%v\nwant\n%v", got, wantRealm)
	}
	if got := bodies["PUT one/clients/the-client"]; !reflect.DeepEqual(got, wantClient) {
		t.Errorf("the client is put back to\n%v\nwant\n%v", got, wantClient)
	}
}

func TestARealmOfAKindIsLeasedToWhoAsksForIt(t *testing.T) {
	t.Parallel()
	admin, _ := recording(t, "")
	admin.endpoint.Realms, admin.endpoint.Few = []string{"one"}, map[realm.Kind][]string{realm.Undeclared: {"two"}}
	for kind, want := range map[realm.Kind]string{realm.Undeclared: "two", "": "one"} {
		leased, err := admin.Lease(t.Context(), LeaseOptions{Lifetime: time.Minute, Kind: kind})
		if err != nil || leased.Name != want || (kind != "" && leased.Kind != kind) {
			t.Errorf("%q: %+v, %v", kind, leased, err)
		}
	}
	if leased, err := admin.Lease(t.Context(), LeaseOptions{Kind: realm.Prefixed}); err == nil || !strings.Contains(err.Error(), "no realm of the kind prefixed") {
		t.Errorf("of a kind that there is not: %+v, %v", leased, err)
	}
	if leased, err := admin.Lease(t.Context(), LeaseOptions{Kind: realm.Undeclared, Relayed: true}); err == nil || !strings.Contains(err.Error(), "relay") {
		t.Errorf("relayed: %+v, %v", leased, err)
	}
}

func TestALeaseWaitsForOneOfAFewRealmsAsLongAsItMay(t *testing.T) {
	t.Parallel()
	admin, _ := recording(t, "")
	admin.endpoint.Few = map[realm.Kind][]string{realm.Prefixed: {"one"}}
	options := LeaseOptions{Lifetime: time.Minute, Kind: realm.Prefixed}
	first, err := admin.Lease(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	bounded, cancel := context.WithTimeoutCause(t.Context(), 10*time.Millisecond, errors.New("long enough"))
	defer cancel()
	if second, err := admin.Lease(bounded, options); err == nil || !strings.Contains(err.Error(), "one of 1 realms of the kind prefixed: long enough") {
		t.Errorf("while it is leased: %+v, %v", second, err)
	}
	waited := make(chan error)
	go func() {
		_, err := admin.Lease(t.Context(), options)
		waited <- err
	}()
	if err := first.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Errorf("when it is free: %v", err)
	}
}

func TestWhatARealmWasIsKeptForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	admin, _ := recording(t, "")
	if _, err := admin.Lease(t.Context(), LeaseOptions{Lifetime: time.Minute}); err != nil {
		t.Fatal(err)
	}
	for _, file := range files(t, admin.endpoint.LeaseDir) {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %s", file, info.Mode())
		}
	}
}

func TestARealmIsLeasedToOneAtATime(t *testing.T) {
	t.Parallel()
	admin, _ := recording(t, "")
	lease := func() *Realm {
		leased, err := admin.Lease(t.Context(), LeaseOptions{Lifetime: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		return leased
	}
	first, second := lease(), lease()
	if first.Name != "one" || second.Name != "two" {
		t.Errorf("leased %s and %s", first.Name, second.Name)
	}
	if third, err := admin.Lease(t.Context(), LeaseOptions{}); err == nil || !strings.Contains(err.Error(), "all 2 realms are leased") {
		t.Errorf("a third lease: %v, %v", third, err)
	}
	if err := first.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := lease(); again.Name != "one" {
		t.Errorf("after its end, %s is leased", again.Name)
	}
}

func TestARealmThatCannotBePutBackIsNotLeased(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{
		"GET one/users", "DELETE one/users/second", "POST one/logout-all", "GET one/components", "DELETE one/components/the-key", "GET one", "GET one/clients", "PUT one", "PUT one/clients/the-client", "DELETE one/events",
		"GET one/users", "DELETE one/users/second", "GET one/groups", "DELETE one/groups/left", "POST one/logout-all", "GET one", "GET one/clients", "PUT one", "PUT one/clients/the-client", "DELETE one/events",
	} {
		t.Run(broken, func(t *testing.T) {
			t.Parallel()
			admin, recorder := recording(t, broken)
			leased, err := admin.Lease(t.Context(), LeaseOptions{Lifetime: time.Minute})
			for _, word := range []string{"realm one", broken, "500", "the database is gone"} {
				if err == nil || !strings.Contains(err.Error(), word) {
					t.Errorf("leased %v; %v does not say %q", leased, err, word)
				}
			}
			recorder.mu.Lock()
			recorder.broken = ""
			recorder.mu.Unlock()
			if leased, err := admin.Lease(t.Context(), LeaseOptions{Lifetime: time.Minute}); err != nil || leased.Name != "one" {
				t.Errorf("when Keycloak is well again: %v, %v", leased, err)
			}
		})
	}
}

func TestAnAdministratorWhoIsRefusedQuotesNoAnswer(t *testing.T) {
	t.Parallel()
	const canary = "canary-0123456789"
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, secret, _ := r.BasicAuth()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error":"unauthorized_client","error_description":"%s is wrong"}`, secret)
	}))
	t.Cleanup(server.Close)
	dir := t.TempDir()
	endpoint := Endpoint{
		URL: server.URL, Version: DefaultVersion, Realms: []string{"one"}, LeaseDir: dir,
		CAFile: filepath.Join(dir, "ca.crt"), SecretsFile: filepath.Join(dir, "secrets.json"),
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for path, content := range map[string][]byte{endpoint.CAFile: certificate, endpoint.SecretsFile: []byte(`{"admin":"` + canary + `"}`)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	admin, err := Connect(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	_, err = admin.Lease(t.Context(), LeaseOptions{Lifetime: time.Minute})
	if err == nil || !strings.Contains(err.Error(), "unauthorized_client") || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v", err)
	}
}

func TestAConnectionSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, endpoint := range map[string]Endpoint{
		"no authority":                       {CAFile: filepath.Join(dir, "none.crt")},
		"an authority without a certificate": {CAFile: empty},
	} {
		endpoint.Version = DefaultVersion
		if _, err := Connect(endpoint); err == nil || !strings.Contains(err.Error(), endpoint.CAFile) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
