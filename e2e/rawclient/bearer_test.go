package rawclient

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// oldSite is a site whose dashboard leaves the token to its page, as Headlamp did
// up to 0.34. It renews the token at /renew, and tells the credential at /tell.
func oldSite(t *testing.T) *site {
	t.Helper()
	return newSite(t, map[string]http.HandlerFunc{
		callbackPath: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("state") != state {
				http.Error(w, "invalid request", http.StatusBadRequest)
				return
			}
			http.Redirect(w, r, "/auth?cluster=main&token="+token, http.StatusSeeOther)
		},
		"/clusters/main/tell":  func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header.Values("Authorization")) },
		"/clusters/main/renew": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Authorization", "renewed") },
		"/clusters/main/watch": func(w http.ResponseWriter, r *http.Request) {
			socket, err := (&websocket.Upgrader{Subprotocols: []string{"base64.binary.k8s.io"}}).Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer socket.Close()
			_ = socket.WriteJSON(Event{Type: strings.Join(websocket.Subprotocols(r), " ")})
		},
	})
}

func requireCredential(t *testing.T, client *Client, header http.Header, want string) {
	t.Helper()
	answer, err := client.Send(t.Context(), Request{Method: http.MethodGet, Path: "/tell", Header: header})
	if err != nil || string(answer.Body) != want {
		t.Errorf("it sent %q, %v; want %q", answer.Body, err, want)
	}
}

func TestATokenThatALoginHandsOutIsSentAndRenewed(t *testing.T) {
	t.Parallel()
	made := oldSite(t)
	client := made.client(t)
	requireCredential(t, client, nil, "[]")
	if err := client.LogIn(t.Context(), "dev", password); err != nil {
		t.Fatal(err)
	}
	requireCredential(t, client, nil, "[Bearer "+token+"]")
	requireCredential(t, client, http.Header{"Authorization": {"Bearer other"}}, "[Bearer other]")
	watch, err := client.Watch(t.Context(), "/watch", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close()
	offered, err := watch.Next()
	if encoded := base64.RawURLEncoding.EncodeToString([]byte(token)); err != nil ||
		!slices.Equal(strings.Fields(offered.Type), []string{"base64.binary.k8s.io", bearerProtocol + encoded}) {
		t.Errorf("the watch offered %q, %v", offered.Type, err)
	}
	if _, err := client.Get(t.Context(), "/renew"); err != nil {
		t.Fatal(err)
	}
	requireCredential(t, client, nil, "[Bearer renewed]")
	copied := made.client(t)
	copied.SetToken(client.Token())
	copied.SetToken("")
	requireCredential(t, copied, nil, "[Bearer renewed]")
}

func TestATokenIsHandedOutToWhoeverPresentsAComeback(t *testing.T) {
	t.Parallel()
	made := oldSite(t)
	own, other := made.client(t), made.client(t)
	back, err := own.ComeBack(t.Context(), "dev", password)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Present(t.Context(), back.With("state", "")); err != nil || other.Token() != "" {
		t.Errorf("without a state: %v, token %q", err, other.Token())
	}
	if _, err := other.Present(t.Context(), back); err != nil || other.Token() != token {
		t.Errorf("as it is: %v, token %q", err, other.Token())
	}
}
