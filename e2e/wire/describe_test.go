package wire

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func jwt(payload string) string {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	return part(`{"alg":"RS256"}`) + "." + part(payload) + "." + part("signature-of-the-test")
}

func TestBearerTokenIsFoundWhereverItIsCarried(t *testing.T) {
	t.Parallel()
	raw := jwt(`{"preferred_username":"dev"}`)
	encoded := base64.RawURLEncoding.EncodeToString([]byte(raw))
	for name, c := range map[string]struct {
		header http.Header
		hash   string // "" for none
	}{
		"a header":                   {http.Header{"Authorization": {"Bearer " + raw}}, redact.Hash(raw)},
		"in lower case":              {http.Header{"Authorization": {"bearer   " + raw + " "}}, redact.Hash(raw)},
		"an opaque one":              {http.Header{"Authorization": {"Bearer opaque"}}, redact.Hash("opaque")},
		"a subprotocol":              {http.Header{"Sec-Websocket-Protocol": {"v5.channel.k8s.io, " + bearerProtocol + encoded}}, redact.Hash(raw)},
		"a subprotocol's own line":   {http.Header{"Sec-Websocket-Protocol": {"v5.channel.k8s.io", bearerProtocol + encoded}}, redact.Hash(raw)},
		"a subprotocol, not encoded": {http.Header{"Sec-Websocket-Protocol": {bearerProtocol + "%%%"}}, redact.Hash("%%%")},
		"the header before both":     {http.Header{"Authorization": {"Bearer opaque"}, "Sec-Websocket-Protocol": {bearerProtocol + encoded}}, redact.Hash("opaque")},
		"no header":                  {http.Header{}, ""},
		"a password":                 {http.Header{"Authorization": {"Basic dXNlcjpwYXNz"}}, ""},
		"a scheme alone":             {http.Header{"Authorization": {"Bearer"}}, ""},
		"another subprotocol":        {http.Header{"Sec-Websocket-Protocol": {"v5.channel.k8s.io"}}, ""},
	} {
		got := bearerToken(c.header)
		if (got == nil) != (c.hash == "") || (got != nil && got.Hash != c.hash) {
			t.Errorf("%s: got %+v, want the hash %q", name, got, c.hash)
		}
	}
}

func TestAClockThatIsOffIsNoted(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	dated := func(off time.Duration) string { return now.Add(off).Format(http.TimeFormat) }
	for said, want := range map[string]int{
		"": 0, "yesterday": 0, dated(0): 0, dated(-30 * time.Second): 0, dated(31 * time.Second): 31, dated(-5 * time.Minute): -300,
	} {
		if got := clockOff(http.Header{"Date": {said}}, now); got != want {
			t.Errorf("%q: %d, want %d", said, got, want)
		}
	}
}

func TestImpersonationIsReadInAnyCase(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header http.Header
		want   *timeline.Impersonation
	}{
		"nothing":       {http.Header{"User": {"x"}, "X-Impersonate-User": {"x"}}, nil},
		"a user":        {http.Header{"Impersonate-User": {"dev"}}, &timeline.Impersonation{User: "dev"}},
		"two users":     {http.Header{"Impersonate-User": {"dev", "boss"}}, &timeline.Impersonation{User: "dev, boss"}},
		"odd cases":     {http.Header{"iMPERSONATE-gROUP": {"a", "b"}, "Impersonate-Group": {"c"}}, &timeline.Impersonation{Groups: []string{"c", "a", "b"}}},
		"a uid":         {http.Header{"Impersonate-Uid": {"1"}}, &timeline.Impersonation{UID: "1"}},
		"extra keys":    {http.Header{"Impersonate-Extra-Scopes": {"secret"}}, &timeline.Impersonation{Extra: []string{"scopes"}}},
		"an empty user": {http.Header{"Impersonate-User": {""}}, &timeline.Impersonation{}},
	} {
		if got := impersonation(c.header); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestCookieTokenPutsChunksTogether(t *testing.T) {
	t.Parallel()
	raw := jwt(`{"preferred_username":"dev","groups":["` + strings.Repeat("g", 100) + `"]}`)
	for name, c := range map[string]struct {
		cookies string
		found   bool
	}{
		"one cookie":              {"headlamp-auth-main=" + raw, true},
		"one chunk":               {"headlamp-auth-main.0=" + raw, true},
		"chunks in order":         {"a.0=" + raw[:50] + "; a.1=" + raw[50:120] + "; a.2=" + raw[120:], true},
		"chunks in any order":     {"a.2=" + raw[120:] + "; theme=dark; a.0=" + raw[:50] + "; a.1=" + raw[50:120], true},
		"more than ten chunks":    {manyChunks(raw), true},
		"a name with a dot":       {"my.cookie=" + raw, true},
		"the first chunk missing": {"a.1=" + raw[50:], false},
		"chunks of two cookies":   {"a.0=" + raw[:50] + "; b.1=" + raw[50:], false},
		"no token":                {"theme=dark; a.0=b", false},
		"none":                    {"", false},
	} {
		cookies, _ := http.ParseCookie(c.cookies)
		got := cookieToken(cookies)
		if (got != nil) != c.found || (got != nil && got.Hash != redact.Hash(raw)) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func manyChunks(raw string) string {
	var cookies []string
	for i := 0; len(raw) > 0; i++ {
		size := min(len(raw), 20)
		cookies = append(cookies, "a."+string([]byte{byte('0' + i/10), byte('0' + i%10)})+"="+raw[:size])
		raw = raw[size:]
	}
	return strings.Join(cookies, "; ")
}

func TestTokensBesideTheCredentialAreFound(t *testing.T) {
	t.Parallel()
	credential, other := jwt(`{"sub":"credential"}`), jwt(`{"sub":"other"}`)
	header := http.Header{
		"Authorization": {"Bearer " + credential, "Bearer " + other}, "X-Copy": {credential}, "X-Other": {other}, "Cookie": {"a=" + other},
	}
	got := beside(header, bearerToken(header))
	if len(got) != 2 || got[0].Subject != "other" || got[1].Subject != "other" {
		t.Errorf("got %+v", got)
	}
}

// FuzzDescribe: whatever a request carries, its record holds no token, and can
// be saved.
func FuzzDescribe(f *testing.F) {
	f.Add("/clusters/main/api?code=1&state=2", "Bearer x", "a.0=b; a.1=c", "v5.channel.k8s.io", "Impersonate-Extra-A", "b")
	f.Add("/%zz;?;=%&&#", "bearer", "a.-1=; a.99999999999999999999=x; .=", "base64url.bearer.authorization.k8s.io.", "impersonate-user", "")
	f.Add("//@:?watch", " ", "=;;=", ",,,", "", "\x00")
	canary := jwt(`{"preferred_username":"canary"}`)
	f.Fuzz(func(t *testing.T, address, authorization, cookies, protocols, name, value string) {
		for _, planted := range []struct{ address, authorization, cookies, protocols, value string }{
			{address, authorization, cookies, protocols, value},
			{address + "?token=" + canary, "Bearer " + canary, cookies + "; a.0=" + canary[:30] + "; a.1=" + canary[30:], protocols, value},
			{address, authorization, "a=" + canary, bearerProtocol + base64.RawURLEncoding.EncodeToString([]byte(canary)) + "," + protocols, value},
		} {
			parsed, err := url.ParseRequestURI(planted.address)
			if err != nil {
				return
			}
			record := describe(&http.Request{Method: http.MethodGet, URL: parsed, Header: http.Header{
				"Authorization": {planted.authorization}, "Cookie": {planted.cookies}, "Sec-Websocket-Protocol": {planted.protocols}, name: {planted.value},
			}})
			saved, err := json.Marshal(record)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range strings.Split(canary, ".")[1:] {
				if strings.Contains(string(saved), part) {
					t.Errorf("%q is in %s", part, saved)
				}
			}
		}
	})
}
