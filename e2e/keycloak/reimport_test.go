package keycloak_test

import (
	"net/url"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

func checkReimport(t *testing.T, up *running, endpoint keycloak.Endpoint) {
	endpoint.Realms = endpoint.Realms[:1]
	leased := lease(t, endpoint)
	user, err := leased.CreateUser(t.Context(), keycloak.User{Name: "alice", Groups: []string{"developers"}})
	if err != nil {
		t.Fatal(err)
	}
	password := url.Values{"grant_type": {"password"}, "username": {user.Name}, "password": {user.Password.Reveal()}}
	given := up.grant(t, leased, password)
	before, err := leased.Token(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	if err := leased.Reimport(t.Context(), user); err != nil {
		t.Fatal(err)
	}
	if refused := up.grant(t, leased, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {given.RefreshToken}}); refused.Error == "" {
		t.Error("a session outlived the import")
	}
	after, err := leased.Token(t.Context(), user)
	if err != nil {
		t.Fatalf("the user's password is not what it was: %v", err)
	}
	was, is := redact.ParseToken(before), redact.ParseToken(after)
	if was.KeyID == is.KeyID || is.KeyID == "" {
		t.Errorf("before the import %q signed, after it %q", was.KeyID, is.KeyID)
	}
	if was.Subject != is.Subject || len(is.Groups) != 1 {
		t.Errorf("the token was of %s in %v, and is of %s in %v", was.Subject, was.Groups, is.Subject, is.Groups)
	}
	if err := leased.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
	again := lease(t, endpoint)
	if _, err := again.CreateUser(t.Context(), keycloak.User{Name: "alice"}); err != nil {
		t.Errorf("after another lease: %v", err)
	}
}
