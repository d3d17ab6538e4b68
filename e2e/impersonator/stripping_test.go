package impersonator_test

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// TestNothingThatNamesAnIdentityPasses writes the requests byte by byte: Go's own
// client would tidy them up.
func TestNothingThatNamesAnIdentityPasses(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	token := h.issuer.token(t, nil)
	asProtocol := "base64url.bearer.authorization.k8s.io." + base64.RawURLEncoding.EncodeToString([]byte(token))
	for name, test := range map[string]struct {
		lines    []string
		stripped []string // as recorded
	}{
		"nothing":            {nil, nil},
		"user":               {[]string{"Impersonate-User: root"}, []string{"Impersonate-User"}},
		"odd case":           {[]string{"iMpErSoNaTe-uSeR: root", "IMPERSONATE-GROUP: system:masters"}, []string{"Impersonate-Group", "Impersonate-User"}},
		"doubled":            {[]string{"Impersonate-User: root", "Impersonate-User: bob", "impersonate-user: eve"}, []string{"Impersonate-User"}},
		"empty":              {[]string{"Impersonate-User:", "Impersonate-Group:"}, []string{"Impersonate-Group", "Impersonate-User"}},
		"comma-joined":       {[]string{"Impersonate-Group: system:masters, admins"}, []string{"Impersonate-Group"}},
		"uid":                {[]string{"Impersonate-Uid: 0"}, []string{"Impersonate-Uid"}},
		"extra":              {[]string{"Impersonate-Extra-Scopes: all", "impersonate-extra-scopes: more"}, []string{"Impersonate-Extra-Scopes"}},
		"extra, encoded key": {[]string{"Impersonate-Extra-Acme.com%2fproject: x"}, []string{"Impersonate-Extra-Acme.com%2fproject"}},
		"unheard of":         {[]string{"Impersonate-Anything: x"}, []string{"Impersonate-Anything"}},
		"hop-by-hop":         {[]string{"Connection: Impersonate-User", "Impersonate-User: root"}, []string{"Impersonate-User"}},
		"only named as hop-by-hop": {
			[]string{"Connection: close, impersonate-user, Impersonate-Group, Authorization", "Connection: IMPERSONATE-USER"}, nil,
		},
		"very long":            {[]string{"Impersonate-User: " + strings.Repeat("root", 50_000)}, []string{"Impersonate-User"}},
		"very many":            {slices.Repeat([]string{"Impersonate-Group: system:masters"}, 1000), []string{"Impersonate-Group"}},
		"front proxy":          {[]string{"X-Remote-User: root", "x-remote-group: system:masters", "X-Remote-Extra-Scopes: all", "X-Remote-Uid: 0"}, []string{"X-Remote-Extra-Scopes", "X-Remote-Group", "X-Remote-Uid", "X-Remote-User"}},
		"gateway":              {[]string{"X-Forwarded-User: root", "X-Forwarded-For: 192.0.2.1", "Forwarded: for=192.0.2.1", "X-Auth-Request-User: root"}, []string{"Forwarded", "X-Auth-Request-User", "X-Forwarded-For", "X-Forwarded-User"}},
		"token from a gateway": {[]string{"X-Forwarded-Id-Token: " + token, "X-Forwarded-Access-Token: " + token, "X-Auth-Request-Access-Token: " + token}, []string{"X-Auth-Request-Access-Token", "X-Forwarded-Access-Token", "X-Forwarded-Id-Token"}},
		"session cookie":       {[]string{"Cookie: headlamp-auth-main.0=" + token + "; theme=dark", "Cookie: headlamp-auth-main.1=" + token}, []string{"Cookie"}},
		"second token":         {[]string{"Authorization: Bearer " + token, "authorization: Basic cm9vdDpyb290"}, nil},
		"proxy's credential":   {[]string{"Proxy-Authorization: Bearer " + token}, []string{"Proxy-Authorization"}},
		"Headlamp's own":       {[]string{"X-Authorization: Bearer " + token}, []string{"X-Authorization"}},
		"protocol's token too": {[]string{"Sec-WebSocket-Protocol: " + asProtocol}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			before := h.reached()
			response, _ := h.say(t, "GET / HTTP/1.1", append([]string{"Authorization: Bearer " + token}, test.lines...)...)
			if response.StatusCode != http.StatusOK || h.reached() != before+1 {
				t.Fatalf("answered %d, and %d requests reached the upstream", response.StatusCode, h.reached()-before)
			}
			arrived := h.since(before)
			arrived.actsAs(t, token, "alice", "developers", "testers")
			for _, name := range append(test.stripped, "Cookie", "X-Forwarded-For") {
				if !strings.HasPrefix(name, "Impersonate-") && arrived.header.Get(name) != "" {
					t.Errorf("%s reached the upstream", name)
				}
			}
			if got := lastRecord(t, h).Stripped; !slices.Equal(got, test.stripped) {
				t.Errorf("recorded %q as stripped, want %q", got, test.stripped)
			}
		})
	}
}

func TestWhatNamesNoIdentityPasses(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	passing := []string{
		"Accept: application/json;as=Table;v=v1;g=meta.k8s.io", "User-Agent: a-dashboard/1", "Content-Type: application/json",
		"If-None-Match: \"etag\"", "X-Stream-Protocol-Version: v4.channel.k8s.io", "Sec-Websocket-Protocol: v5.channel.k8s.io, v4.channel.k8s.io",
		"Authorized: no credential", "X-Remotely: no user", "Cookies: none", "Impersonated: nobody",
	}
	h.say(t, "GET / HTTP/1.1", append(passing, "Authorization: Bearer "+h.issuer.token(t, nil))...)
	arrived := h.only(t)
	for _, line := range passing {
		name, value, _ := strings.Cut(line, ": ")
		if got := arrived.header.Values(name); !slices.Equal(got, []string{value}) {
			t.Errorf("%s arrived as %q, want %q", name, got, value)
		}
	}
}

func TestTrailersNameNobodyEither(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	token := h.issuer.token(t, nil)
	response, _ := h.say(t, "POST / HTTP/1.1",
		"Authorization: Bearer "+token, "Transfer-Encoding: chunked", "Trailer: Impersonate-User, X-Token",
		"", "2\r\n{}\r\n0\r\nImpersonate-User: root\r\nX-Token: "+token)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("answered %d", response.StatusCode)
	}
	arrived := h.only(t)
	arrived.actsAs(t, token, "alice", "developers", "testers")
	if len(arrived.trailer) > 0 {
		t.Errorf("the trailers %v reached the upstream", arrived.trailer)
	}
	if !strings.Contains(arrived.dump, "{}") {
		t.Errorf("the body did not: %s", arrived.dump)
	}
}

func TestNothingRecordedHoldsASecret(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	good := h.issuer.token(t, nil)
	expired := h.issuer.token(t, map[string]any{"exp": 1})
	for _, token := range []string{good, expired} {
		h.say(t, "GET /api?token="+token+" HTTP/1.1",
			"Authorization: Bearer "+token, "Cookie: headlamp-auth-main.0="+token, "Impersonate-User: "+token, "X-Forwarded-Id-Token: "+token)
		h.say(t, "GET /ws HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket",
			"Sec-WebSocket-Protocol: v4.channel.k8s.io, base64url.bearer.authorization.k8s.io."+base64.RawURLEncoding.EncodeToString([]byte(token)))
	}
	var saved bytes.Buffer
	if err := h.recorder.Timeline().Write(&saved); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{good, expired} {
		if !strings.Contains(saved.String(), redact.Hash(token)) {
			t.Errorf("the token %s was not recorded by its hash", redact.Hash(token))
		}
		for i, part := range strings.Split(token, ".")[1:] {
			if strings.Contains(saved.String(), part) {
				t.Errorf("part %d of a token was recorded", i+1)
			}
		}
	}
	if strings.Contains(saved.String(), ownCredential) {
		t.Error("the own credential was recorded")
	}
	if responded := h.recorder.Timeline().Of(timeline.Impersonator, timeline.Responded); len(responded) != 4 {
		t.Errorf("%d requests were recorded, not 4", len(responded))
	}
}

func TestTheReasonOfARefusalHoldsNoSecret(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	// The authenticator tells which audience it found.
	secret := h.issuer.token(t, nil)
	h.ask(t, "/", h.issuer.token(t, map[string]any{"aud": secret}))
	if reason := lastRecord(t, h).Error; !strings.Contains(reason, redact.Hash(secret)) || strings.Contains(reason, secret) {
		t.Errorf("recorded the reason %q, want the hash of the audience", reason)
	}
}
