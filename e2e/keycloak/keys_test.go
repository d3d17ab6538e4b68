package keycloak_test

import (
	"net/url"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

func checkRotation(t *testing.T, up *running, endpoint keycloak.Endpoint) {
	endpoint.Realms = endpoint.Realms[:1]
	leased := lease(t, endpoint)
	user, err := leased.CreateUser(t.Context(), keycloak.User{Name: "alice"})
	if err != nil {
		t.Fatal(err)
	}
	token := func(leased *keycloak.Realm, user keycloak.User) (raw, key string) {
		raw, err := leased.Token(t.Context(), user)
		if err != nil {
			t.Fatal(err)
		}
		return raw, redact.ParseToken(raw).KeyID
	}
	former, first := token(leased, user)
	if err := leased.RotateKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	latter, second := token(leased, user)
	if first == second || first == "" || second == "" {
		t.Errorf("before the rotation %q signed, after it %q", first, second)
	}
	up.verify(t, leased, former)
	up.verify(t, leased, latter)
	if err := leased.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := lease(t, endpoint)
	if user, err = again.CreateUser(t.Context(), keycloak.User{Name: "alice"}); err != nil {
		t.Fatal(err)
	}
	if _, third := token(again, user); third != first {
		t.Errorf("after another lease %q signs, not %q", third, first)
	}
}

func checkDisabled(t *testing.T, up *running, endpoint keycloak.Endpoint) {
	leased := lease(t, endpoint)
	user, err := leased.CreateUser(t.Context(), keycloak.User{Name: "alice", Groups: []string{"developers"}})
	if err != nil {
		t.Fatal(err)
	}
	given := up.grant(t, leased, url.Values{"grant_type": {"password"}, "username": {user.Name}, "password": {user.Password.Reveal()}})
	if err := leased.DisableUser(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	if refused := up.grant(t, leased, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {given.RefreshToken}}); refused.Error == "" {
		t.Error("a disabled user's token is refreshed")
	}
	if err := leased.EndSSOSessions(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	expectSessions(t, leased, user, 0)
}
