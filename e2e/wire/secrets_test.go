package wire_test

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact/leak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func TestEverySecretThatPassesIsNoted(t *testing.T) {
	t.Parallel()
	bearer, renewed, handedOut, offered := token(`{"typ":"ID","jti":"1"}`), token(`{"typ":"Bearer"}`), token(`{"typ":"Refresh"}`), token(`{"typ":"ID","jti":"2"}`)
	r := newRig(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Authorization", renewed)
		w.Header().Add("Set-Cookie", "headlamp-auth-main=canary-of-an-answer; HttpOnly")
	})
	path := filepath.Join(t.TempDir(), leak.FileName)
	ledger, err := leak.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	r.recorder.NoteSecrets(ledger)
	request := r.request(t, t.Context(), http.MethodGet, "/oidc-callback?code=canary-of-a-code&token="+handedOut, nil)
	request.Header.Set("Authorization", "Bearer "+bearer)
	request.Header.Set("Sec-Websocket-Protocol", "base64.binary.k8s.io, base64url.bearer.authorization.k8s.io."+base64.RawURLEncoding.EncodeToString([]byte(offered)))
	request.Header.Set("Cookie", "headlamp-auth-main=canary-of-a-request")
	response, err := r.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	r.recorded(t, timeline.Responded)
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	secrets, err := leak.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	noted := map[leak.Secret]bool{}
	for _, secret := range secrets {
		noted[secret] = true
	}
	for _, want := range []leak.Secret{
		{Kind: leak.IDToken, Value: bearer}, {Kind: leak.AccessToken, Value: renewed}, {Kind: leak.RefreshToken, Value: handedOut}, {Kind: leak.IDToken, Value: offered},
		{Kind: leak.Cookie, Value: "canary-of-an-answer"}, {Kind: leak.Cookie, Value: "canary-of-a-request"}, {Kind: leak.Code, Value: "canary-of-a-code"},
	} {
		if !noted[want] {
			t.Errorf("%s was not noted", want.Kind)
		}
	}
	if found := leak.New(secrets).Scan("the timeline", saved(t, r.recorder.Timeline())); len(found) > 0 {
		t.Errorf("the timeline tells %v", found)
	}
}

// saved is a timeline as it is kept.
func saved(t *testing.T, line timeline.Timeline) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "timeline.jsonl")
	if err := line.Save(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
