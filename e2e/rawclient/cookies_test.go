package rawclient

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A request that was under way while the cookies were renewed comes with the
// former ones, and its answer's cookies are taken over.
func TestARequestWithFormerCookiesChangesThePresentOnes(t *testing.T) {
	t.Parallel()
	client := newSite(t, map[string]http.HandlerFunc{
		"/clusters/main/renew": func(w http.ResponseWriter, r *http.Request) { setSession(w, "renewed"); fmt.Fprint(w, session(r)) },
		"/clusters/main/tell":  func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, session(r)) },
		"/clusters/main/end": func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "headlamp-auth-main.0", Path: "/clusters/main", MaxAge: -1})
			fmt.Fprint(w, session(r))
		},
	}).client(t)
	if err := client.LogIn(t.Context(), "dev", password); err != nil {
		t.Fatal(err)
	}
	former := client.Cookies()
	if _, err := client.Get(t.Context(), "/renew"); err != nil {
		t.Fatal(err)
	}
	tell := func(how, want string) {
		t.Helper()
		if answer, err := client.Get(t.Context(), "/tell"); err != nil || string(answer.Body) != want {
			t.Errorf("%s: %q, %v; want %q", how, answer.Body, err, want)
		}
	}
	if answer, err := client.GetWith(t.Context(), "/tell", former); err != nil || string(answer.Body) != token {
		t.Errorf("with the former cookies: %q, %v", answer.Body, err)
	}
	tell("afterwards", "renewed")
	if answer, err := client.GetWith(t.Context(), "/end", former); err != nil || string(answer.Body) != token {
		t.Errorf("with the former cookies: %q, %v", answer.Body, err)
	}
	tell("when they were taken away", "none")
	client.Close()
	if _, err := client.GetWith(t.Context(), "/%zz?token="+token, former); err == nil || strings.Contains(err.Error(), token) {
		t.Errorf("an address that is none: %v", err)
	}
}
