package timeline_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/golden"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// everything is a timeline in which every field of the saved form is set.
func everything() timeline.Timeline {
	at := func(offset time.Duration) time.Time { return noon.Add(offset) }
	token := &redact.Token{
		Hash: "0123456789ab", KeyID: "key", Issuer: "https://127.0.0.1:8443/realms/r", Subject: "id", Audience: []string{"headlamp"}, Party: "headlamp",
		Type: "ID", Username: "dev", Groups: []string{"developers"}, IssuedAt: noon, ExpiresAt: at(30 * time.Second),
	}
	return timeline.Timeline{
		Header: timeline.Header{
			Version: timeline.Version, Scenario: "session/x", Dashboard: "reference 0.1.0", Mode: "token", Cluster: "main", BaseURL: "/headlamp",
			Issuer: token.Issuer, Client: "headlamp", Lifetime: 30 * time.Second, Expiries: 3,
			Others: []timeline.Cluster{{
				Name: "second", Realm: "other", Issuer: "https://localhost/realms/other", Users: []timeline.User{{Name: "ops", ID: "id-2", Groups: []string{}}},
			}},
			Users:          []timeline.User{{Name: "dev", ID: "id", Groups: []string{"developers"}}},
			UsernamePrefix: "oidc:", GroupsPrefix: "groups:",
		},
		Events: []timeline.Event{
			{At: at(1), Witness: timeline.Page, Kind: timeline.Console, Tab: "tab-1", Text: "a <b> & c", Level: "error"},
			{At: at(2), Witness: timeline.Tap, Kind: timeline.Responded, Request: &timeline.Request{
				ID: "tap-1", Method: "GET", URL: "/api/v1/pods?watch=1", Status: 200, Error: "e", Began: at(1), WebSocket: true,
				UserAgent: "agent", ClockOff: -300, Replica: "127.0.0.2:9443", AuditID: "audit-1", Bearer: token, Beside: []redact.Token{*token},
				Cookies: []string{"headlamp-auth-main.0"}, CookieToken: token,
				SetCookies: []timeline.Cookie{{
					Name: "c", Hash: "ba9876543210", Path: "/", HTTPOnly: true, Secure: true, SameSite: "Strict", MaxAge: 60, Deleted: true, Token: token,
				}},
				Impersonation: &timeline.Impersonation{User: "dev", Groups: []string{"developers"}, UID: "id", Extra: []string{"scopes"}},
				Stripped:      []string{"Impersonate-User"},
			}},
			{At: at(3), Witness: timeline.Page, Kind: timeline.CookieKept, Cookie: &timeline.Cookie{Name: "c"}},
			{At: at(4), Witness: timeline.Keycloak, Kind: timeline.RefreshError, Identity: &timeline.Identity{
				Type: "REFRESH_TOKEN_ERROR", Realm: "other", Client: "headlamp", User: "id", Session: "session", Error: "invalid_token",
				Details: map[string]string{"reason": "Token is not active", "grant_type": "refresh_token"},
			}},
			{At: at(5), Witness: timeline.Audit, Kind: timeline.Audited, Record: &timeline.Record{
				AuditID: "audit-1", Stage: "ResponseComplete", Verb: "list", URI: "/api/v1/pods", User: "proxy", Groups: []string{"proxies"},
				ImpersonatedUser: "dev", ImpersonatedGroups: []string{"developers"}, Constraint: "impersonate:user-info", Code: 200, Received: at(1), Decision: "allow", Reason: "RBAC",
				Resource: "pods", Subresource: "log", APIGroup: "apps", Namespace: "default", Name: "n",
			}},
			{At: at(6), Witness: timeline.Suite, Kind: timeline.WhoAmI, Identified: &timeline.Identified{User: "dev", Groups: []string{"developers"}, UID: "id"}},
			{At: at(7), Witness: timeline.Suite, Kind: timeline.ExpiryCrossed, Count: 1, Token: token},
			{At: at(8), Witness: timeline.Machine, Kind: timeline.Lagged, Delay: 1500 * time.Millisecond},
		},
	}
}

func TestTheSavedFormStays(t *testing.T) {
	t.Parallel()
	// Timelines saved by earlier versions have to stay readable.
	var got bytes.Buffer
	if err := everything().Write(&got); err != nil {
		t.Fatal(err)
	}
	saved := filepath.Join("testdata", "timeline.jsonl")
	golden.Compare(t, saved, got.Bytes())
	line, err := timeline.Load(saved)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(line, everything()) {
		t.Errorf("it reads back as %+v", line)
	}
}

func TestTheGoldenTimelineHasEveryField(t *testing.T) {
	t.Parallel()
	line := everything()
	set := map[string]bool{}
	noteFields(set, reflect.ValueOf(line.Header))
	for _, event := range line.Events {
		noteFields(set, reflect.ValueOf(event))
	}
	for field, isSet := range set {
		if !isSet {
			t.Errorf("%s is never set, so its saved form is not held fast", field)
		}
	}
}

// noteFields notes of every field of a struct, and of those within, whether it
// is set anywhere.
func noteFields(set map[string]bool, value reflect.Value) {
	switch value.Kind() {
	case reflect.Pointer:
		if !value.IsNil() {
			noteFields(set, value.Elem())
		}
	case reflect.Slice:
		for i := range value.Len() {
			noteFields(set, value.Index(i))
		}
	case reflect.Struct:
		if value.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range value.NumField() {
			name := value.Type().String() + "." + value.Type().Field(i).Name
			set[name] = set[name] || !value.Field(i).IsZero()
			noteFields(set, value.Field(i))
		}
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	const header = `{"version":1}` + "\n"
	for name, broken := range map[string]struct{ text, says string }{
		"nothing":                {"", "it is empty"},
		"a newer version":        {`{"version":2}` + "\n", "its version is 2"},
		"no version":             {`{"scenario":"x"}` + "\n", "its version is 0"},
		"what is no timeline":    {"hello\n", "header"},
		"an event that is none":  {header + "[]\n", "line 2"},
		"an empty line":          {header + "\n", "line 2"},
		"a line that breaks off": {header + "{}\n" + `{"at":"2026-01-02T12:00:00Z"}`, "line 3 of the timeline: it breaks off"},
		"a header breaking off":  {`{"version":1}`, "line 1 of the timeline: it breaks off"},
		"a header without end":   {strings.Repeat("\x00", 2<<20), "its line is longer than 1 MB"},
	} {
		if line, err := timeline.Read(strings.NewReader(broken.text)); err == nil || !strings.Contains(err.Error(), broken.says) {
			t.Errorf("%s: got %+v, %v; want an error that says %q", name, line, err, broken.says)
		}
	}
	failing := io.MultiReader(strings.NewReader(header), iotest.ErrReader(errors.New("disk")))
	if _, err := timeline.Read(failing); err == nil || !strings.Contains(err.Error(), "disk") {
		t.Errorf("a failing reader: %v", err)
	}
	large := filepath.Join(t.TempDir(), "large")
	// It takes no room.
	if err := errors.Join(os.WriteFile(large, []byte(header), 0o600), os.Truncate(large, 200<<20)); err != nil {
		t.Fatal(err)
	}
	if _, err := timeline.Load(large); err == nil || !strings.Contains(err.Error(), large+" is larger than 128 MB") {
		t.Errorf("a large file: %v", err)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	if _, err := timeline.Load(missing); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if err := everything().Save(filepath.Join(missing, "x")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing directory: %v", err)
	}
}

func TestAnEventOfAnySizeReadsBack(t *testing.T) {
	t.Parallel()
	line := timeline.Timeline{
		Header: timeline.Header{Version: timeline.Version},
		Events: []timeline.Event{{At: noon, Witness: timeline.Page, Kind: timeline.Console, Text: strings.Repeat("long ", 2<<20)}},
	}
	path := filepath.Join(t.TempDir(), "timeline.jsonl")
	if err := line.Save(path); err != nil {
		t.Fatal(err)
	}
	if got, err := timeline.Load(path); err != nil || !reflect.DeepEqual(got, line) {
		t.Errorf("a page that writes much to its console cannot be judged: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	var golden bytes.Buffer
	if err := everything().Write(&golden); err != nil {
		f.Fatal(err)
	}
	f.Add(golden.String())
	f.Add("{\"version\":1}\n{\"at\":\"2026-01-02T12:00:00Z\"}\n")
	f.Add("{\"version\":1}\n{\"request\":null,\"token\":{\"exp\":\"0001-01-01T00:00:00Z\"}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		line, err := timeline.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		// What was read can be saved, and nothing of it changes by that.
		var first, second bytes.Buffer
		if err := line.Write(&first); err != nil {
			t.Fatalf("write what was read: %v", err)
		}
		again, err := timeline.Read(bytes.NewReader(first.Bytes()))
		if err != nil {
			t.Fatalf("read what was written: %v", err)
		}
		if err := again.Write(&second); err != nil {
			t.Fatal(err)
		}
		if first.String() != second.String() {
			t.Errorf("it changes by being saved: %q, then %q", first.String(), second.String())
		}
	})
}
