package keycloak

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestASecretNeverPrints(t *testing.T) {
	t.Parallel()
	secret := newSecret()
	encoded, err := json.Marshal(User{Name: "u", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{
		fmt.Sprint(secret), fmt.Sprintf("%+v", secret), fmt.Sprintf("%#v", secret), fmt.Sprintf("%s %q", secret, secret),
		fmt.Sprintf("%+v %#v", User{Password: secret}, User{Password: secret}), string(encoded),
	} {
		if strings.Contains(printed, secret.Reveal()) {
			t.Errorf("%q shows the secret", printed)
		}
	}
	if len(secret.Reveal()) < 32 || secret == newSecret() {
		t.Errorf("a secret of %d characters", len(secret.Reveal()))
	}
}

func TestAnEventKeepsNothingThatCanBeUsedAgain(t *testing.T) {
	t.Parallel()
	const canary = "canary-0123456789"
	event := storedEvent{
		Time: 1700000000123, Type: "CODE_TO_TOKEN", ClientID: "headlamp", SessionID: canary,
		Details: map[string]string{
			"code_id": canary, "token_id": canary, "refresh_token_id": canary, "code": canary,
			"redirect_uri": "https://localhost/oidc-callback?state=" + canary, "username": "someone", "reason": "because",
		},
	}.keep()
	if printed := fmt.Sprintf("%+v", event); strings.Contains(printed, canary) {
		t.Errorf("%s keeps the canary", printed)
	}
	if event.Details["username"] != "someone" || event.Details["reason"] != "because" || event.Session == "" {
		t.Errorf("%+v lost what it should keep", event)
	}
	if event.Time.UnixMilli() != 1700000000123 {
		t.Errorf("time %s", event.Time)
	}
}

func TestPrepareRefusesAnUnknownVersion(t *testing.T) {
	t.Parallel()
	_, err := Prepare(context.Background(), PrepareOptions{Version: "1.2.3", CacheDir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), DefaultVersion) {
		t.Errorf("got %v", err)
	}
}

func FuzzStoredEvent(f *testing.F) {
	f.Add(`{"time":1,"details":{"reason":"Bearer abcdefghijkl"}}`)
	f.Fuzz(func(_ *testing.T, text string) {
		var event storedEvent
		if json.Unmarshal([]byte(text), &event) == nil {
			event.keep()
		}
	})
}
