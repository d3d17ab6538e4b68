package leak_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact/leak"
)

// token makes a signed one as Keycloak does, with a signature of its own.
func token(kind string) string {
	part := base64.RawURLEncoding.EncodeToString
	var signature []byte
	for number := range 8 {
		sum := sha256.Sum256([]byte(fmt.Sprint(kind, number)))
		signature = append(signature, sum[:]...)
	}
	return part([]byte(`{"alg":"RS256","kid":"key"}`)) + "." + part([]byte(`{"iss":"https://kc/realms/a","typ":"`+kind+`"}`)) + "." +
		part(signature)
}

// canaries are one secret for each door.
func canaries() []leak.Secret {
	return []leak.Secret{
		{Kind: leak.UserPassword, Value: "canary-password-U3d8s0Kq2vXz"},
		{Kind: leak.AdminPassword, Value: "canary-admin-9fJw27LmPq0R"},
		{Kind: leak.ClientSecret, Value: "canary-client-Zx81Hs72kQwe"},
		{Kind: leak.Code, Value: "0e7f1c52-canary-code-5b1d.11111111-session.22222222-client"},
		{Kind: leak.AccessToken, Value: token("Bearer")},
		{Kind: leak.IDToken, Value: token("ID")},
		{Kind: leak.RefreshToken, Value: token("Refresh")},
		{Kind: leak.Cookie, Value: "canary-cookie-MTczMjY0fERYOEVBUUwtZ0FBR"},
		{Kind: leak.OtherToken, Value: token("Logout")},
	}
}

func packed(content []byte) []byte {
	var archive bytes.Buffer
	writer := gzip.NewWriter(&archive)
	_, _ = writer.Write(content)
	_ = writer.Close()
	return archive.Bytes()
}

// escapedAll escapes every byte, as no program has to, and any may.
func escapedAll(content []byte) []byte {
	var escaped bytes.Buffer
	for _, b := range content {
		fmt.Fprintf(&escaped, "%%%02x", b)
	}
	return escaped.Bytes()
}

// forms hide what they get, each in a way of its own.
var forms = map[string]func([]byte) []byte{
	"as it is":                  func(c []byte) []byte { return c },
	"standard base64":           func(c []byte) []byte { return []byte(base64.StdEncoding.EncodeToString(c)) },
	"standard base64, unpadded": func(c []byte) []byte { return []byte(base64.RawStdEncoding.EncodeToString(c)) },
	"URL base64":                func(c []byte) []byte { return []byte(base64.URLEncoding.EncodeToString(c)) },
	"URL base64, unpadded":      func(c []byte) []byte { return []byte(base64.RawURLEncoding.EncodeToString(c)) },
	"base64 in a word":          func(c []byte) []byte { return []byte("x/ab" + base64.StdEncoding.EncodeToString(c) + "/y") },
	"URL encoding":              func(c []byte) []byte { return []byte(url.QueryEscape(string(c))) },
	"every byte escaped":        escapedAll,
	"gzip":                      packed,
}

func inText(hidden []byte) []byte {
	return slices.Concat([]byte(`{"at":"2026-01-02T12:00:00Z","text":"before "`), hidden, []byte(`" behind","hash":"0123456789ab"}`))
}

func TestEachSecretIsFoundInEachForm(t *testing.T) {
	t.Parallel()
	scanner := leak.New(canaries())
	for _, canary := range canaries() {
		for name, hide := range forms {
			found := scanner.Scan("file", inText(hide([]byte("user:"+canary.Value))))
			if len(found) == 0 {
				t.Errorf("%s is not found in %s", canary.Kind, name)
			}
			for _, one := range found {
				if one.Kind != canary.Kind {
					t.Errorf("%s, hidden alone, is found as %s", canary.Kind, one.Kind)
				}
				if strings.Contains(one.String(), canary.Value) {
					t.Errorf("what is found tells it: %s", one)
				}
			}
		}
	}
}

func TestEverySecretIsFoundToADepthOfThree(t *testing.T) {
	t.Parallel()
	scanner := leak.New(canaries())
	var all strings.Builder
	for _, canary := range canaries() {
		all.WriteString(canary.Value + "\n")
	}
	// One of a kind: each of the others is shown alone.
	nested := []string{"standard base64", "URL base64, unpadded", "URL encoding", "gzip"}
	for _, outer := range nested {
		for _, middle := range nested {
			for _, inner := range nested {
				hidden := forms[outer](inText(forms[middle](forms[inner]([]byte(all.String())))))
				found := scanner.Scan("file", inText(hidden))
				for _, kind := range leak.Kinds {
					if !slices.ContainsFunc(found, func(f leak.Found) bool { return f.Kind == kind }) {
						t.Errorf("%s is not found in %s in %s in %s", kind, inner, middle, outer)
					}
				}
			}
		}
	}
}

func TestAPieceOfASecretIsFound(t *testing.T) {
	t.Parallel()
	scanner := leak.New(canaries())
	for _, canary := range canaries() {
		value := canary.Value
		if at := strings.LastIndexByte(value, '.'); strings.HasPrefix(value, "eyJ") {
			value = value[at+1:]
		}
		if canary.Kind == leak.Code {
			value, _, _ = strings.Cut(value, ".")
		}
		for at := 0; at+23 <= len(value); at++ {
			if found := scanner.Scan("file", []byte("cut off: "+value[at:at+23]+"…")); len(found) != 1 || found[0].Kind != canary.Kind {
				t.Errorf("a piece of %s from %d on is found as %v", canary.Kind, at, found)
			}
		}
	}
}

func TestASignedTokenIsFoundThatNobodyNoted(t *testing.T) {
	t.Parallel()
	scanner := leak.New(nil)
	for kind, want := range map[string]leak.Kind{
		"Bearer": leak.AccessToken, "ID": leak.IDToken, "Refresh": leak.RefreshToken, "Offline": leak.RefreshToken, "other": leak.OtherToken,
	} {
		found := scanner.Scan("file", packed([]byte("cookie="+token(kind))))
		if len(found) != 1 || found[0] != (leak.Found{Where: "file", Kind: want, Form: "in gzip"}) {
			t.Errorf("a token of type %s is found as %v", kind, found)
		}
	}
}

func TestWhatIsRedactedIsNoLeak(t *testing.T) {
	t.Parallel()
	scanner := leak.New(canaries())
	var text strings.Builder
	for _, canary := range canaries() {
		fmt.Fprintf(&text, "%s\n", redact.Text("password="+canary.Value+" Authorization: Bearer "+canary.Value))
		fmt.Fprintf(&text, "%s\n", redact.Hash(canary.Value))
	}
	text.WriteString("session 11111111-session of client 22222222-client\n")
	header, _, _ := strings.Cut(token("ID"), ".")
	text.WriteString(header + ".e30. is signed by nobody\n")
	if found := scanner.Scan("file", []byte(text.String())); len(found) > 0 {
		t.Errorf("found is %v", found)
	}
}

func TestADirectoryIsLookedThroughToItsLastFile(t *testing.T) {
	t.Parallel()
	dir, canary := t.TempDir(), canaries()[0]
	for name, content := range map[string]string{
		"index.html": "nothing", "evidence/login/popup/tab-1.html": canary.Value, "evidence/" + canary.Value + "/empty": "",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := leak.New(canaries()).ScanDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || !strings.Contains(fmt.Sprint(found), "evidence/login/popup/tab-1.html: a user's password, as it is") {
		t.Errorf("found is %v", found)
	}
	if strings.Contains(fmt.Sprint(found), canary.Value) {
		t.Errorf("what is found tells a secret: %v", found)
	}
	if _, err := leak.New(nil).ScanDir(filepath.Join(dir, "missing")); err == nil {
		t.Error("a directory that is not there is clean")
	}
}

func TestALedgerKeepsWhatManyNoteForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), leak.FileName)
	var writers sync.WaitGroup
	for writer := range 4 {
		writers.Go(func() {
			ledger, err := leak.Open(path)
			if err != nil {
				t.Error(err)
				return
			}
			for number := range 50 {
				ledger.Note(leak.Cookie, fmt.Sprintf("cookie-of-%d-%d-%s", writer, number, strings.Repeat("x", 5000)))
				ledger.Note(leak.Cookie, fmt.Sprintf("cookie-of-%d-%d-%s", writer, number, strings.Repeat("x", 5000)))
			}
			ledger.Note(leak.Cookie, "short")
			if err := ledger.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	secrets, err := leak.Load(path)
	if err != nil || len(secrets) != 200 {
		t.Errorf("%d secrets, %v", len(secrets), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the ledger is %v, %v", info.Mode(), err)
	}
	if secrets, err := leak.Load(path + ".none"); err != nil || len(secrets) != 0 {
		t.Errorf("no ledger is %v, %v", secrets, err)
	}
	if err := os.WriteFile(path, []byte("canary-of-a-broken-ledger"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := leak.Load(path); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("a broken ledger: %v", err)
	}
}

func FuzzASecretIsFoundBetweenAnything(f *testing.F) {
	f.Add([]byte("before"), []byte("behind"))
	f.Add([]byte{0x1f, 0x8b, 8, 0}, []byte("%%2"))
	f.Add([]byte("eyJ"), []byte("=="))
	scanner := leak.New(canaries())
	f.Fuzz(func(t *testing.T, before, behind []byte) {
		for name, hide := range forms {
			content := slices.Concat(before, []byte("\x00"), hide(slices.Concat(before, []byte(canaries()[0].Value), behind)), []byte("\x00"), behind)
			found := scanner.Scan("file", content)
			if !slices.ContainsFunc(found, func(f leak.Found) bool { return f.Kind == leak.UserPassword }) {
				t.Errorf("it is not found in %s between %q and %q", name, before, behind)
			}
		}
	})
}

func BenchmarkScan(b *testing.B) {
	var secrets []leak.Secret
	for number := range 5000 {
		secrets = append(secrets, leak.Secret{Kind: leak.IDToken, Value: fmt.Sprintf("%s-%d", token("ID"), number)})
	}
	content := bytes.Repeat([]byte(`{"at":"2026-01-02T12:00:00Z","witness":"tap","kind":"responded","request":{"method":"GET","url":"/api/v1/namespaces?watch=1%26x","bearer":{"hash":"0123456789ab"}}}`+"\n"), 10000)
	scanner := leak.New(secrets)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		scanner.Scan("file", content)
	}
}
