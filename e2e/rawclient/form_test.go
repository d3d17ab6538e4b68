package rawclient

import (
	"bytes"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var formPage = &url.URL{Scheme: "https", Host: "127.0.0.1:8443", Path: "/realms/r/protocol/openid-connect/auth", RawQuery: "client_id=headlamp"}

// The forms are as Keycloak sent them, but for what was redacted.
func TestKeycloaksOwnFormsAreRead(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("no forms in testdata: %v", err)
	}
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		form, err := parseLoginForm(formPage, document)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if form.action.Host != formPage.Host || !strings.HasSuffix(form.action.Path, "/login-actions/authenticate") {
			t.Errorf("%s: sent to %s", file, form.action)
		}
		if _, found := form.fields["credentialId"]; !found || len(form.fields) != 1 {
			t.Errorf("%s: sends along %v", file, form.fields)
		}
	}
}

func TestAFormIsSentAsItsDocumentSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		document, action, sent string
		fails                  string
	}{
		"relative":      {`<form method="POST" action="go?x=1&amp;y=2"><input name=username><input type=PASSWORD name=p></form>`, "https://127.0.0.1:8443/realms/r/protocol/openid-connect/go?x=1&y=2", "p=%26&username=dev", ""},
		"without a try": {`<form method=post><input name=username><input type=password name=p></form>`, formPage.String(), "p=%26&username=dev", ""},
		"hidden fields": {`<form method=post action=/a><input name=username><input type=password name=p><input type=hidden name=h value=1><input type=hidden name=h value=2><input type=hidden></form>`,
			"https://127.0.0.1:8443/a", "h=1&h=2&p=%26&username=dev", ""},
		"behind another": {`<form action=/search><input name=username></form><form method=post action=/a><input name=username><input type=password name=p></form>`,
			"https://127.0.0.1:8443/a", "p=%26&username=dev", ""},
		"no password":   {`<form method=post action=/a><input name=username></form>`, "", "", errNoLoginForm.Error()},
		"no name":       {`<form method=post action=/a><input type=password name=p></form>`, "", "", errNoLoginForm.Error()},
		"nothing":       {"", "", "", errNoLoginForm.Error()},
		"no address":    {`<form method=post action="https://%"><input name=username><input type=password name=p></form>`, "", "", "no address"},
		"by an address": {`<form method=get action=/a><input name=username><input type=password name=p></form>`, "", "", "into an address"},
		"too deep":      {strings.Repeat("<div>", 1000), "", "", "no HTML document"},
	} {
		form, err := parseLoginForm(formPage, []byte(c.document))
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := form.filled("dev", "&").Encode(); form.action.String() != c.action || got != c.sent {
			t.Errorf("%s: sends %s to %s", name, got, form.action)
		}
		if form.fields.Has("username") || form.fields.Has(form.password) {
			t.Errorf("%s: filling it in altered the form", name)
		}
	}
}

// FuzzLoginForm: whatever a document holds, its form is sent to an absolute
// address with what was filled in, or it is no login form.
func FuzzLoginForm(f *testing.F) {
	f.Add([]byte(`<form method=post action=/a><input name=username><input type=password name=p><input type=hidden name=h value=1></form>`))
	f.Add([]byte(`<form method=post action="mailto:x"><input name=username type=password></form>`))
	f.Add([]byte(`<table><form method=post><tr><input type=password name=username><svg><form><input name=username>`))
	recorded, err := os.ReadFile("testdata/keycloak-26.7.0.html")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(recorded)
	f.Add([]byte("<form method=post action='//[::1'><template><input name=username><input type=password name=\x00>"))
	f.Fuzz(func(t *testing.T, document []byte) {
		form, err := parseLoginForm(formPage, document)
		if err != nil {
			if form != nil || strings.Contains(err.Error(), "%!") {
				t.Errorf("%+v, %v", form, err)
			}
			return
		}
		if !form.action.IsAbs() {
			t.Errorf("sent to %s", form.action)
		}
		filled := form.filled("dev", "secret")
		if got := filled.Get(form.password); got != "secret" {
			t.Errorf("sends %q as the password", got)
		}
		if form.password != usernameField && filled.Get(usernameField) != "dev" {
			t.Errorf("sends %q as the name", filled.Get(usernameField))
		}
		if text := excerpt("text/html", document); len(text) > excerptLength+len("…") || bytes.ContainsAny([]byte(text), "\n\r\t") {
			t.Errorf("the excerpt %q", text)
		}
	})
}
