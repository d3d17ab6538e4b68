package redact_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// canary is a token whose parts must never be seen again.
func canary(payload string) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"RS256","kid":"key-1"}`) + "." + part(payload) + "." + part("canary-signature-of-the-test")
}

func TestParseTokenKeepsClaimsAndNoSecret(t *testing.T) {
	t.Parallel()
	raw := canary(`{"iss":"https://idp/realms/r","sub":"s","aud":["headlamp","account"],"azp":"headlamp","preferred_username":"dev","groups":["a","b"],"iat":1700000000,"exp":1700000030.5}`)
	token := redact.ParseToken(raw)
	if token.Username != "dev" || len(token.Groups) != 2 || token.Audience[0] != "headlamp" || token.Issuer != "https://idp/realms/r" {
		t.Errorf("claims: %+v", token)
	}
	if token.KeyID != "key-1" {
		t.Errorf("key %q", token.KeyID)
	}
	if got := token.Lifetime(); got != 30500*time.Millisecond {
		t.Errorf("lifetime %s", got)
	}
	if len(token.Hash) != 12 || strings.Contains(raw, token.Hash) {
		t.Errorf("hash %q", token.Hash)
	}
	if one := redact.ParseToken(canary(`{"aud":"headlamp"}`)); len(one.Audience) != 1 {
		t.Errorf("a single audience: %+v", one)
	}
	if opaque := redact.ParseToken("opaque"); opaque.Hash == "" || opaque.Lifetime() != 0 {
		t.Errorf("opaque: %+v", opaque)
	}
}

func TestTextKeepsNoCanary(t *testing.T) {
	t.Parallel()
	token := canary(`{"sub":"canary"}`)
	secret := "cAnArY-0123456789abcdef"
	for _, text := range []string{
		"token is " + token + " in a log",
		"Authorization: Bearer " + token,
		"Authorization: Bearer " + secret,
		"Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io." + secret + ", v5.channel.k8s.io",
		"/oidc-callback?state=" + secret + "&code=" + secret,
		`{"refresh_token":"` + secret + `","expires_in":30}`,
		`<input name="password" value="x"> password=` + secret,
		"Cookie: headlamp-auth-main.0=" + secret + "; headlamp-auth-main.1=" + secret,
		"client_secret=" + secret,
		"KEYCLOAK_IDENTITY=" + token,
		"access_token%3D" + secret,
	} {
		redacted := redact.Text(text)
		for _, part := range append(strings.Split(token, "."), secret) {
			if strings.Contains(redacted, part) {
				t.Errorf("%q keeps %q", redacted, part)
			}
		}
		if redact.Text(redacted) != redacted {
			t.Errorf("redacting twice changes %q to %q", redacted, redact.Text(redacted))
		}
	}
}

func TestTextLeavesOrdinaryTextAlone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Lost connection to the cluster.",
		"GET /clusters/main/api/v1/configmaps?watch=1&resourceVersion=1234 200",
		"status code: 401",
		"failed to refresh token: key not found",
	} {
		if got := redact.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestURLHidesWhatCouldBeUsed(t *testing.T) {
	t.Parallel()
	token := canary(`{"sub":"canary"}`)
	for _, raw := range []string{
		"https://user:very-secret@localhost/", "https://idp/token?CLIENT_SECRET=very-secret", "/x?clie%6et_secret=very-secret",
		"/oidc-callback?session_state=very-secret&iss=i&code=very-secret", "https://idp/logout?id_token_hint=very-secret",
		"/x?next=%2Foidc-callback%3Fcode%3Dvery-secret", "/x#/c/main?access_token=very-secret", "://%zz?password=very-secret",
		"/x?" + token, "/" + token + "/x", "/x#" + token, "https://" + token + "@h/",
	} {
		got := redact.URL(raw)
		for _, secret := range append(strings.Split(token, "."), "very-secret") {
			if strings.Contains(got, secret) {
				t.Errorf("%q keeps %q", got, secret)
			}
		}
		if redact.URL(got) != got {
			t.Errorf("redacting twice changes %q to %q", got, redact.URL(got))
		}
	}
}

func TestURLKeepsPathAndHarmlessParameters(t *testing.T) {
	t.Parallel()
	got := redact.URL("https://localhost:1/oidc-callback?cluster=main&code=very-secret&state=s#access_token=t")
	if !strings.HasPrefix(got, "https://localhost:1/oidc-callback?cluster=main&code=redacted-") {
		t.Error(got)
	}
	for _, secret := range []string{"very-secret", "state=s", "access_token=t"} {
		if strings.Contains(got, secret) {
			t.Errorf("%q keeps %q", got, secret)
		}
	}
}

func TestTokensFindsEveryToken(t *testing.T) {
	t.Parallel()
	text := "a " + canary(`{"sub":"one"}`) + ` "b":"` + canary(`{"sub":"two"}`) + `"`
	tokens := redact.Tokens(text)
	if len(tokens) != 2 || tokens[0].Subject != "one" || tokens[1].Subject != "two" {
		t.Errorf("%+v", tokens)
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add("a.b.c")
	f.Add(canary(`{"exp":1e300,"aud":[],"iat":-1}`))
	f.Add(canary(`{"exp":"soon"}`))
	f.Fuzz(func(t *testing.T, raw string) {
		if token := redact.ParseToken(raw); raw != "" && token.Hash == "" {
			t.Error("no hash")
		}
	})
}
