package rawclient

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestAComebackIsLeftToWhoeverPresentsIt(t *testing.T) {
	t.Parallel()
	made := newSite(t, nil)
	own, other := made.client(t), made.client(t)
	back, err := own.ComeBack(t.Context(), "dev", password)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		client *Client
		back   Comeback
		status int
	}{
		"another browser":        {other, back, http.StatusBadRequest},
		"with another state":     {own, back.With("state", "other"), http.StatusBadRequest},
		"without a state":        {own, back.With("state", ""), http.StatusBadRequest},
		"without a code":         {own, back.With("code", ""), http.StatusBadRequest},
		"with what it was given": {own, back, http.StatusSeeOther},
	} {
		answer, err := c.client.Present(t.Context(), c.back)
		if err != nil || answer.Status != c.status {
			t.Errorf("%s: %s, %v", name, answer, err)
		}
	}
	if len(own.jar.Cookies(own.cluster.JoinPath("/"))) == 0 || len(other.jar.Cookies(other.cluster.JoinPath("/"))) > 0 {
		t.Error("not the one who came back with what it was given, and no other, has a session")
	}
}

func TestALoginThatDoesNotComeBackSaysWhereItEnded(t *testing.T) {
	t.Parallel()
	client := newSite(t, nil).client(t)
	_, err := client.ComeBack(t.Context(), "dev", "wrong")
	requireSays(t, err, "send Keycloak's login form", authenticate+", which answered 200", "Invalid username or password")
}

func TestAPresentedCallbackThatIsNotAnsweredGivesNothingAway(t *testing.T) {
	t.Parallel()
	made := newSite(t, map[string]http.HandlerFunc{wayBack: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }})
	client := made.client(t)
	back, err := client.ComeBack(t.Context(), "dev", password)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Present(t.Context(), back)
	requireSays(t, err, "come back to the dashboard", wayBack)
}

func TestAStackTraceIsKnown(t *testing.T) {
	t.Parallel()
	for text, shows := range map[string]bool{
		"panic: runtime error: index out of range\n\ngoroutine 47 [running]:": true,
		"\t/src/login.go:117 +0x1d": true,
		"Exception in thread\n\tat org.keycloak.services.Login.act(Login.java:12)": true,
		"Traceback (most recent call last):\n  File \"x.py\"":                      true,
		"":                false,
		"invalid request": false,
		`Failed to exchange token: oauth2: "invalid_request" "Missing parameter: code"`:               false,
		"We are sorry... at this time (for now) nobody can log in.":                                   false,
		"Don't panic, the identity provider refused the login: invalid_scope: Invalid scopes: openid": false,
	} {
		if ShowsTrace(text) != shows {
			t.Errorf("%q: %t", text, !shows)
		}
	}
}

func TestAnExcerptHasOneLineAndNoSecret(t *testing.T) {
	t.Parallel()
	got := Excerpt(fmt.Sprintf("refused\n  state=%s %s", state, strings.Repeat("x ", excerptLength)))
	if !strings.HasPrefix(got, "refused state=redacted-") || strings.Contains(got, state) || len(got) > excerptLength+len("…") {
		t.Errorf("got %q", got)
	}
}
