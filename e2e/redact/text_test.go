package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// TestNoCanaryLeavesThroughAnyDoor plants secrets in every form in which one
// can come into evidence: a proxy's record, a page's HTML and console, the logs
// of programs in Go and in Java, Keycloak's answers.
func TestNoCanaryLeavesThroughAnyDoor(t *testing.T) {
	t.Parallel()
	token := canary(`{"sub":"canary"}`)
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	encrypted := part(`{"alg":"RSA-OAEP","enc":"A256GCM"}`) + ".." + part("canary-initial-vector") + "." + part("canary-ciphertext") + "." + part("canary-tag")
	const secret, opaque, short = "cAnArY-0123456789abcdef", "CaNaRy.9876_zyxwv~0/+", "k4Nary!"
	type object = map[string]string
	encoded := func(value any) string {
		text, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	answer := encoded(object{"access_token": token, "refresh_token": secret, "id_token": token, "session_state": opaque, "token_type": "Bearer"})
	form := "grant_type=refresh_token&client_id=headlamp&client_secret=" + short + "&refresh_token=" + secret
	cookie := http.Cookie{Name: "anything", Value: secret, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode, MaxAge: 60}
	for door, text := range map[string]string{
		"a signed token":                     "token is " + token + " in a log",
		"a token at the end of a sentence":   "the token is " + token + ".",
		"a token after another":              token + "." + token,
		"an encrypted token":                 "it is " + encrypted + ", encrypted",
		"an Authorization header":            "Authorization: Bearer " + token,
		"an opaque Authorization header":     "Authorization: Bearer " + opaque,
		"one in lower case":                  "authorization: bearer " + secret,
		"one in JSON":                        encoded(object{"Authorization": "Bearer " + secret}),
		"one in a printed map":               fmt.Sprint(http.Header{"Authorization": {"Bearer " + secret}}),
		"one with a password":                "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("headlamp:"+secret)),
		"a WebSocket's subprotocol":          "Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io." + part(secret) + ", v5.channel.k8s.io",
		"a Cookie header":                    "Cookie: theme=" + secret + "; headlamp-auth-main.0=" + opaque,
		"a quoted cookie":                    `Cookie: a="` + secret + `"; b=` + opaque,
		"a Cookie header in JSON":            encoded(object{"Cookie": "a=" + secret + "; b=" + opaque, "x": "y"}),
		"one in JSON in JSON":                encoded(encoded(object{"cookie": "a=" + secret})),
		"one in a printed map of headers":    fmt.Sprint(http.Header{"Cookie": {"a=" + secret, "b=" + opaque}}),
		"a Set-Cookie header":                "Set-Cookie: " + cookie.String(),
		"several in JSON":                    `{"Set-Cookie":["a=` + secret + `; Path=/","b=` + opaque + `"]}`,
		"Headlamp's cookie in a sentence":    "kept headlamp-auth-main.0=" + secret + " for the user",
		"the reference dashboard's":          "headlamp-refresh-main.0=" + secret,
		"Keycloak's cookies":                 "KEYCLOAK_IDENTITY=" + token + "; AUTH_SESSION_ID=" + secret + "; KC_RESTART=" + opaque,
		"a callback":                         "GET /oidc-callback?state=" + secret + "&session_state=" + opaque + "&code=" + secret + " 303",
		"a callback, escaped":                "redirect_uri=https%3A%2F%2Flocalhost%2Foidc-callback%3Fcode%3D" + secret + "%26state%3D" + secret,
		"a callback, escaped twice":          "next=%252Foidc-callback%253Fcode%253D" + secret,
		"a callback in HTML":                 `<a href="/oidc-callback?a=b&amp;code=` + secret + `&amp;session_state=` + secret + `">`,
		"a token request":                    form,
		"a login form":                       "username=dev&password=" + short + "&credentialId=",
		"a password change":                  "password-new=" + short + "&password-confirm=" + short,
		"a token answer":                     answer,
		"a token answer, indented":           "{\n  \"refresh_token\" : \"" + secret + "\"\n}",
		"a token answer, quoted":             encoded(answer),
		"one quoted twice":                   encoded(encoded(answer)),
		"one in an attribute":                `<div data-answer="{&quot;refresh_token&quot;:&quot;` + secret + `&quot;,&#34;password&#34;:&#34;` + secret + `&#34;}">`,
		"one in a query":                     "?answer=%7B%22refresh_token%22%3A%22" + secret + "%22%7D",
		"one in camel case":                  `{"clientSecret":"` + short + `","idToken":"` + secret + `","refreshToken":"` + opaque + `"}`,
		"a secret with a quote in it":        encoded(object{"password": `ab"` + secret}),
		"a secret in single quotes":          "{'client_secret': '" + short + " " + secret + "'}",
		"a form's field":                     `<input type="hidden" name="code" value="` + secret + `"><input name='password' type='password' value='` + short + `'>`,
		"a list of fields":                   encoded([]object{{"name": "access_token", "value": secret}}),
		"a struct that Go printed":           fmt.Sprintf("%+v", struct{ AccessToken, RefreshToken string }{secret, opaque}),
		"an environment":                     "HEADLAMP_CONFIG_OIDC_CLIENT_SECRET=" + secret + "\nKC_BOOTSTRAP_ADMIN_PASSWORD=" + short,
		"a command line":                     "headlamp-server -oidc-client-id headlamp -oidc-client-secret " + secret + " -port 4466",
		"a command line with an equals sign": "headlamp-server --oidc-client-secret=" + secret,
		"a line of YAML":                     "clientSecret: " + short + "\npassword: " + short + "\ntoken: " + secret,
		"a code verifier":                    "code_verifier=" + secret,
		"a client's assertion":               "client_assertion=" + secret + "&x=y",
	} {
		redacted := redact.Text(text)
		secrets := []string{secret, opaque, short, part(secret)}
		for _, whole := range []string{token, encrypted} {
			for _, part := range strings.Split(whole, ".") {
				if part != "" {
					secrets = append(secrets, part)
				}
			}
		}
		for _, secret := range secrets {
			if strings.Contains(redacted, secret) {
				t.Errorf("%s: %q keeps %q", door, redacted, secret)
			}
		}
		if redacted == text {
			t.Errorf("%s: %q holds no secret, so it shows nothing", door, text)
		}
		if again := redact.Text(redacted); again != redacted {
			t.Errorf("%s: redacting twice changes %q to %q", door, redacted, again)
		}
	}
}

// What helps to understand a failure has to stay readable.
func TestTextKeepsWhatIsNoSecret(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"failed to verify the token: signature mismatch",
		"oidc: token is expired (Token Expiry: 2026-01-02 12:00:00 +0000 UTC)",
		"Basic information about the cluster",
		`level=info msg="answered" code=200 state=ready`,
		`{"kind":"Status","status":"Failure","reason":"Unauthorized","code":401}`,
		`{"type":"REFRESH_TOKEN_ERROR","error":"invalid_token","grant_type":"refresh_token","refresh_token_type":"Refresh"}`,
		"net::ERR_CERT_AUTHORITY_INVALID",
		"grant_type=refresh_token&client_id=headlamp",
		"/clusters/main/api/v1/namespaces/default/secrets?limit=500&fieldSelector=type%3DOpaque",
		`secrets "headlamp-oidc" is forbidden: User "dev" cannot get resource "secrets"`,
		"Set-Cookie: =; Path=/clusters/main; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Strict",
		"error code: ERR_CONNECTION_REFUSED",
	} {
		if got := redact.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// The same token has one name wherever it stands, so that evidence from several
// places can be laid side by side.
func TestATokenHasOneNameEverywhere(t *testing.T) {
	t.Parallel()
	token := canary(`{"sub":"canary"}`)
	name := "redacted-" + redact.Hash(token)
	if redact.ParseToken(token).Hash != redact.Hash(token) || redact.Tokens("x " + token + ".")[0].Hash != redact.Hash(token) {
		t.Error("it is parsed under another name")
	}
	for text, want := range map[string]string{
		"Bearer " + token:                       "Bearer " + name,
		"the token " + token + ".":              "the token " + name + ".",
		"Cookie: headlamp-auth-main.0=" + token: "Cookie: headlamp-auth-main.0=" + name,
		`{"id_token":"` + token + `"}`:          `{"id_token":"` + name + `"}`,
		"/x?id_token_hint=" + token + "&a=b":    "/x?id_token_hint=" + name + "&a=b",
	} {
		if got := redact.Text(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// FuzzText: whatever stands around a token, no part of it is left.
func FuzzText(f *testing.F) {
	for _, around := range [][2]string{
		{"Bearer ", " abcdefgh"}, {"https://h/?code=", "&x"}, {"eyJ", "."}, {"eyJaaaaaaaa.", ".eyJ"}, {"eyJaaaaaaaa.bbbbbbbb.", "-"},
		{"redacted-", "redacted-"}, {`{"password":"`, `"`}, {"Cookie: a=", "; b=c"}, {"Set-Cookie: [", "]"}, {"\\\"", "\\"}, {"name=\"code\" value=\"", "\""},
		{"%22token%22%3A%22", "%22"}, {" -secret ", "\n"}, {"\xff", "\xff"}, {"password: ", ""}, {"eyJaaaaaaaa..", "..."}, {"%0", "!+"},
	} {
		f.Add(around[0], around[1])
	}
	secret := canary(`{"sub":"canary"}`)
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, text := range []string{before + secret + after, before + secret + " " + after, before + " " + secret + after} {
			for name, got := range map[string]string{"Text": redact.Text(text), "URL": redact.URL(text), "URL of a query": redact.URL("/x?" + text)} {
				for _, part := range strings.Split(secret, ".") {
					if strings.Contains(got, part) {
						t.Errorf("%s: %q keeps %q", name, got, part)
					}
				}
			}
		}
	})
}
