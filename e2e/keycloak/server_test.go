package keycloak_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak/keycloaktest"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

const (
	lifetime    = 45 * time.Second
	redirectURI = "https://localhost:9/oidc-callback"
)

// running is a Keycloak that runs, and a client that trusts its authority.
type running struct {
	server *keycloak.Server
	client *http.Client
}

// TestARealKeycloak starts one of each version for all that needs one: a start
// takes ten seconds. Every subtest has realms of its own, so that all run at once.
func TestARealKeycloak(t *testing.T) {
	t.Parallel()
	for _, version := range keycloak.Versions {
		t.Run(version, func(t *testing.T) { checkVersion(t, version) })
	}
}

func checkVersion(t *testing.T, version string) {
	server, authority := keycloaktest.Start(t, version)
	up := &running{server: server, client: trusting(authority)}
	t.Run("runs", func(t *testing.T) {
		for i, test := range []struct {
			name  string
			check func(*testing.T, *running, keycloak.Endpoint)
		}{
			{"a user's token says who the user is, for as long as the lease asks", checkToken},
			{"a refreshed token lives as long as the realm says by then", checkRefresh},
			{"an event tells what happened, since when it is asked", checkEvents},
			{"a realm is as new when it is leased again", checkReset},
			{"a leased realm is not leased to another process", checkLease},
			{"a new key signs, and the former one's tokens stay good", checkRotation},
			{"a disabled user gets no tokens", checkDisabled},
			{"an import with overwrite ends sessions and keeps users", checkReimport},
		} {
			endpoint := up.server.Endpoint()
			endpoint.Realms = endpoint.Realms[2*i : 2*i+2]
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				test.check(t, up, endpoint)
			})
		}
	})
	checkStop(t, up)
}

func checkToken(t *testing.T, up *running, endpoint keycloak.Endpoint) {
	leased := lease(t, endpoint)
	user, err := leased.CreateUser(t.Context(), keycloak.User{Name: "alice", Groups: []string{"developers"}})
	if err != nil {
		t.Fatal(err)
	}
	token, err := leased.Token(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	read := up.verify(t, leased, token)
	if read.Username != "alice" || len(read.Groups) != 1 || read.Groups[0] != "developers" {
		t.Errorf("the token says %+v", read)
	}
	expectLifetime(t, read, lifetime)
	wrong := user
	wrong.Password = "not alice's password"
	if _, err := leased.Token(t.Context(), wrong); err == nil || strings.Contains(err.Error(), wrong.Password.Reveal()) {
		t.Errorf("with a wrong password: %v", err)
	}
	if err := leased.DeleteUser(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	if _, err := leased.Token(t.Context(), user); err == nil {
		t.Error("a user who was removed gets a token")
	}
}

func checkRefresh(t *testing.T, up *running, endpoint keycloak.Endpoint) {
	leased := lease(t, endpoint)
	user, err := leased.CreateUser(t.Context(), keycloak.User{Name: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	begun := now(t, endpoint)
	given := up.grant(t, leased, url.Values{"grant_type": {"password"}, "scope": {"openid"}, "username": {user.Name}, "password": {user.Password.Reveal()}})
	expectSessions(t, leased, user, 1)
	const longer = 2 * lifetime
	if err := leased.SetLifetime(t.Context(), longer); err != nil {
		t.Fatal(err)
	}
	refreshed := up.grant(t, leased, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {given.RefreshToken}})
	expectLifetime(t, up.verify(t, leased, given.IDToken), lifetime)
	expectLifetime(t, up.verify(t, leased, refreshed.IDToken), longer)
	if err := leased.EndSessions(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	expectSessions(t, leased, user, 0)
	refused := up.grant(t, leased, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refreshed.RefreshToken}})
	if refused.Error != "invalid_grant" || refused.IDToken != "" {
		t.Errorf("the end of a session is answered with the error %q", refused.Error)
	}
	events := eventsSince(t, leased, begun)
	for kind, want := range map[string]int{"LOGIN": 1, "REFRESH_TOKEN": 1, "REFRESH_TOKEN_ERROR": 1} {
		if len(events[kind]) != want {
			t.Errorf("%d events %s, want %d", len(events[kind]), kind, want)
		}
	}
	if login, refresh := events["LOGIN"], events["REFRESH_TOKEN"]; len(login) == 1 && len(refresh) == 1 && login[0].Session != refresh[0].Session {
		t.Errorf("the refresh belongs to the session %s, the login to %s", refresh[0].Session, login[0].Session)
	}
}

func checkEvents(t *testing.T, _ *running, endpoint keycloak.Endpoint) {
	leased := lease(t, endpoint)
	user, err := leased.CreateUser(t.Context(), keycloak.User{Name: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	begun := now(t, endpoint)
	token, err := leased.Token(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	wrong := user
	wrong.Password = "not alice's password"
	if _, err := leased.Token(t.Context(), wrong); err == nil {
		t.Fatal("a wrong password is taken")
	}
	events := eventsSince(t, leased, begun)
	if logins := events["LOGIN"]; len(logins) != 1 || logins[0].UserID != user.ID || logins[0].ClientID != realm.Probe ||
		logins[0].Details["username"] != user.Name || logins[0].Error != "" {
		t.Errorf("a login is told as %+v", logins)
	}
	if refused := events["LOGIN_ERROR"]; len(refused) != 1 || refused[0].Error != "invalid_user_credentials" {
		t.Errorf("a wrong password is told as %+v", refused)
	}
	shown, err := json.Marshal(events)
	if err != nil || strings.Contains(string(shown), token) || strings.Contains(string(shown), user.Password.Reveal()) {
		t.Errorf("the events hold a secret, %v", err)
	}
	if later := eventsSince(t, leased, now(t, endpoint).Add(time.Minute)); len(later) > 0 {
		t.Errorf("since a minute from now %v happened", later)
	}
	if err := leased.ClearEvents(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := eventsSince(t, leased, time.Time{}); len(left) > 0 {
		t.Errorf("after they were removed there are %v", left)
	}
}

func checkReset(t *testing.T, up *running, endpoint keycloak.Endpoint) {
	endpoint.Realms = endpoint.Realms[:1]
	leased := lease(t, endpoint)
	realmWas, clientWas := settingsOf(t, leased.Update), settingsOf(t, leased.UpdateClient)
	user, err := leased.CreateUser(t.Context(), keycloak.User{Name: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	given := up.grant(t, leased, url.Values{"grant_type": {"password"}, "username": {user.Name}, "password": {user.Password.Reveal()}})
	if given.RefreshToken == "" {
		t.Fatal("there is no session to end")
	}
	err = leased.Update(t.Context(), func(settings map[string]any) {
		settings["eventsEnabled"], settings["registrationAllowed"] = false, true
		settings["ssoSessionMaxLifespan"], settings["ssoSessionIdleTimeout"] = 60, 40
		settings["revokeRefreshToken"], settings["refreshTokenMaxReuse"] = true, 3
		settings["defaultSignatureAlgorithm"] = "ES256"
	})
	if err != nil {
		t.Fatal(err)
	}
	err = leased.UpdateClient(t.Context(), func(client map[string]any) {
		client["standardFlowEnabled"], client["consentRequired"] = false, true
		client["publicClient"] = true // takes the secret away
		client["webOrigins"], client["protocolMappers"] = []string{"https://example.org"}, []any{}
		attributes, _ := client["attributes"].(map[string]any)
		attributes["use.refresh.tokens"], attributes["pkce.code.challenge.method"] = "false", "S256"
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := leased.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := lease(t, endpoint)
	if again.Name != leased.Name {
		t.Fatalf("%s was leased, then %s", leased.Name, again.Name)
	}
	expectSame(t, "realm", settingsOf(t, again.Update), realmWas)
	expectSame(t, "client", settingsOf(t, again.UpdateClient), clientWas)
	if events := eventsSince(t, again, time.Time{}); len(events) > 0 {
		t.Errorf("the lease before has left %v", events)
	}
	if refused := up.grant(t, again, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {given.RefreshToken}}); refused.Error == "" {
		t.Error("the session of the lease before goes on")
	}
	// The name is free again, and a token of the new user's is valid.
	if user, err = again.CreateUser(t.Context(), keycloak.User{Name: "alice"}); err != nil {
		t.Fatal(err)
	}
	token, err := again.Token(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	up.verify(t, again, token)
}

func checkLease(t *testing.T, _ *running, endpoint keycloak.Endpoint) {
	// As two processes: each has a connection of its own.
	first, second := lease(t, endpoint), lease(t, endpoint)
	if first.Name == second.Name {
		t.Fatalf("both have %s", first.Name)
	}
	other, err := keycloak.Connect(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	if third, err := other.Lease(t.Context(), keycloak.LeaseOptions{Lifetime: lifetime}); err == nil || !strings.Contains(err.Error(), "all 2 realms") {
		t.Errorf("a third lease of two realms: %v, %v", third, err)
	}
}

// checkStop stops Keycloak and looks for what it left.
func checkStop(t *testing.T, up *running) {
	t.Helper()
	if err := up.server.Stop(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-up.server.Done():
	default:
		t.Error("it has not ended")
	}
	address, err := url.Parse(up.server.Endpoint().URL)
	if err != nil {
		t.Fatal(err)
	}
	freed, err := ports.TakePort(portOf(t, address))
	if err != nil {
		t.Fatal(err)
	}
	if err := freed.Release(); err != nil {
		t.Error(err)
	}
}

// settingsOf reads settings on the way through an update that changes nothing.
func settingsOf(t *testing.T, update func(context.Context, func(map[string]any)) error) map[string]any {
	t.Helper()
	var read map[string]any
	if err := update(t.Context(), func(settings map[string]any) { read = maps.Clone(settings) }); err != nil {
		t.Fatal(err)
	}
	return read
}

// expectSame names the settings that differ; their values may be secrets.
func expectSame(t *testing.T, of string, got, want map[string]any) {
	t.Helper()
	for name := range want {
		if !reflect.DeepEqual(got[name], want[name]) {
			t.Errorf("the lease before has left the %s another %s", of, name)
		}
	}
	for name := range got {
		if _, was := want[name]; !was {
			t.Errorf("the lease before has left the %s a %s", of, name)
		}
	}
}

// expectLifetime allows for the second in which Keycloak, which reads its clock
// once for a token's expiry and later for its beginning, goes on to the next.
func expectLifetime(t *testing.T, read identity, want time.Duration) {
	t.Helper()
	if read.lifetime > want || read.lifetime < want-time.Second {
		t.Errorf("a token of %s lives %s, want %s", read.Username, read.lifetime, want)
	}
}

func expectSessions(t *testing.T, leased *keycloak.Realm, user keycloak.User, want int) {
	t.Helper()
	if got, err := leased.Sessions(t.Context(), user); err != nil || got != want {
		t.Errorf("%s has %d sessions, %v; want %d", user.Name, got, err, want)
	}
}

func eventsSince(t *testing.T, leased *keycloak.Realm, since time.Time) map[string][]keycloak.Event {
	t.Helper()
	events, err := leased.Events(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	sorted := map[string][]keycloak.Event{}
	for _, event := range events {
		sorted[event.Type] = append(sorted[event.Type], event)
	}
	return sorted
}
