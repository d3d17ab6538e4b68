package rawclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
)

func TestALoginLeavesTheSessionsCookieInTheJar(t *testing.T) {
	t.Parallel()
	made := newSite(t, map[string]http.HandlerFunc{
		"/clusters/main/healthz": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, session(r)) },
		"/clusters/other":        func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, session(r)) },
	})
	client := made.client(t)
	if got, err := client.Get(t.Context(), "/healthz"); err != nil || string(got.Body) != "none" {
		t.Fatalf("before the login: %s, %v", got, err)
	}
	if err := client.LogIn(t.Context(), "dev", password); err != nil {
		t.Fatal(err)
	}
	if got, err := client.Get(t.Context(), "/healthz"); err != nil || string(got.Body) != token {
		t.Errorf("after the login: %s, %v", got, err)
	}
	if got, err := client.Get(t.Context(), "/../other"); err != nil || string(got.Body) == token {
		t.Errorf("outside of its path the cookie was sent: %s, %v", got, err)
	}
	if got, err := made.client(t).Get(t.Context(), "/healthz"); err != nil || string(got.Body) != "none" {
		t.Errorf("another client has the cookie, too: %s, %v", got, err)
	}
}

func TestALoginThatFailsSaysAtWhichStepAndWhatWasAnswered(t *testing.T) {
	t.Parallel()
	refuse := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, status) }
	}
	page := func(html string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, html)
		}
	}
	for name, c := range map[string]struct {
		with map[string]http.HandlerFunc
		says []string
	}{
		"the dashboard knows no Keycloak": {
			map[string]http.HandlerFunc{"/oidc": refuse(http.StatusBadGateway, "could not be reached, state="+state)},
			[]string{"begin a login at the dashboard", "/oidc answered 502", "could not be reached"},
		},
		"Keycloak does not know the dashboard": {
			map[string]http.HandlerFunc{authPath: refuse(http.StatusBadRequest, "Invalid parameter: redirect_uri")},
			[]string{"begin a login at the dashboard", authPath + " answered 400", "redirect_uri"},
		},
		"no form": {
			map[string]http.HandlerFunc{authPath: page("<title>x</title><script>hidden</script><p>We are   sorry</p>")},
			[]string{"read Keycloak's login form", "no form", `"We are sorry"`},
		},
		"a form that is sent as an address": {
			map[string]http.HandlerFunc{authPath: page(`<form><input name=username><input name=password type=password></form>`)},
			[]string{"read Keycloak's login form", "into an address"},
		},
		"a form that is sent elsewhere": {
			map[string]http.HandlerFunc{authPath: page(`<form method=post action="https://localhost:1` + authenticate + `"><input name=username><input name=password type=password></form>`)},
			[]string{"https://localhost:1" + authenticate + " is not Keycloak's"},
		},
		"a form of another realm's": {
			map[string]http.HandlerFunc{authPath: page(`<form method=post action="/realms/r2/x"><input name=username><input name=password type=password></form>`)},
			[]string{"/realms/r2/x is not Keycloak's"},
		},
		"a form of the dashboard's own": {
			map[string]http.HandlerFunc{"/oidc": page(`<form method=post><input name=username><input name=password type=password></form>`)},
			[]string{"/oidc is not Keycloak's"},
		},
		"a form that is sent on": {
			map[string]http.HandlerFunc{authenticate: func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://localhost:1/?code="+code, http.StatusTemporaryRedirect)
			}},
			[]string{"send Keycloak's login form", "sent on to another address"},
		},
		"redirects without an end": {
			map[string]http.HandlerFunc{"/oidc": func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "/oidc?cluster=main&state="+state, http.StatusFound)
			}},
			[]string{"begin a login at the dashboard, at /oidc: ", "20 redirects"},
		},
		"an address that is none": {
			map[string]http.HandlerFunc{authenticate: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://localhost:port/?code="+code+"&state="+state)
				w.WriteHeader(http.StatusFound)
			}},
			[]string{"send Keycloak's login form", "Location"},
		},
		"the dashboard refuses the code": {
			map[string]http.HandlerFunc{callbackPath: refuse(http.StatusForbidden, "refused the code="+code)},
			[]string{"come back to the dashboard", callbackPath + " answered 403", "refused the code=redacted-"},
		},
		"no cookie": {
			map[string]http.HandlerFunc{callbackPath: page("welcome")},
			[]string{"come back to the dashboard", "no cookie for /clusters/main/"},
		},
		"nobody answers": {
			map[string]http.HandlerFunc{callbackPath: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
			[]string{"send Keycloak's login form, at https://localhost:", callbackPath, "EOF"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requireSays(t, newSite(t, c.with).client(t).LogIn(t.Context(), "dev", password), c.says...)
		})
	}
}

func requireSays(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	requireNoSecret(t, err)
	for _, part := range says {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
}

func TestAWrongPasswordIsSaidAsKeycloakSaysIt(t *testing.T) {
	t.Parallel()
	requireSays(t, newSite(t, nil).client(t).LogIn(t.Context(), "dev", "wrong"),
		"send Keycloak's login form", authenticate+", which answered 200", "Sign in to your account Invalid username or password.")
}

func TestNobodyUnderAnotherAuthorityIsTrusted(t *testing.T) {
	t.Parallel()
	made := newSite(t, nil)
	var err error
	if made.authority, err = pki.NewAuthority("another"); err != nil {
		t.Fatal(err)
	}
	client := made.client(t)
	requireSays(t, client.LogIn(t.Context(), "dev", password), "begin a login at the dashboard", "certificate")
	_, err = client.Get(t.Context(), "/healthz")
	requireSays(t, err, "GET /healthz", "certificate")
	_, err = client.Watch(t.Context(), "/api?watch=1", nil)
	requireSays(t, err, "watch /api?watch=1", "certificate")
}

func TestEachActionHasADeadline(t *testing.T) {
	t.Parallel()
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	made := newSite(t, map[string]http.HandlerFunc{callbackPath: hang, "/clusters/main/hang": hang})
	client := made.client(t)
	client.limit = 300 * time.Millisecond
	for name, act := range map[string]func(context.Context) error{
		"log in": func(ctx context.Context) error { return client.LogIn(ctx, "dev", password) },
		"get":    func(ctx context.Context) error { _, err := client.Get(ctx, "/hang"); return err },
		"watch":  func(ctx context.Context) error { _, err := client.Watch(ctx, "/hang", nil); return err },
	} {
		err := act(t.Context())
		if err == nil || !strings.Contains(err.Error(), "within 300ms") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		requireNoSecret(t, err)
	}
	client.limit = time.Hour
	gone := errors.New("the spec is over")
	for name, act := range map[string]func(context.Context) error{
		"get":   func(ctx context.Context) error { _, err := client.Get(ctx, "/hang"); return err },
		"watch": func(ctx context.Context) error { _, err := client.Watch(ctx, "/hang", nil); return err },
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(200*time.Millisecond, func() { cancel(gone) })
		if err := act(ctx); !errors.Is(err, gone) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOnlyAnAddressOfADashboardMakesAClient(t *testing.T) {
	t.Parallel()
	for front, good := range map[string]bool{
		"https://localhost:1": true, "https://h/base": true, "http://localhost:1": false, "localhost:1": false, "": false, "https://%": false,
	} {
		if _, err := New(Options{Front: front, Cluster: "main"}); (err == nil) != good {
			t.Errorf("%q: %v", front, err)
		}
	}
}

func TestALoginAtAProxyBeginsWhereverOneComes(t *testing.T) {
	t.Parallel()
	made := newSite(t, map[string]http.HandlerFunc{
		"/clusters/main/healthz": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, session(r)) },
		"/oidc":                  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
	})
	made.with["/"] = func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "login", Value: state, Path: callbackPath, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		http.Redirect(w, r, made.keycloak+authPath+"?state="+state, http.StatusFound)
	}
	client := made.client(t)
	if err := client.LogInAtProxy(t.Context(), "dev", password); err != nil {
		t.Fatal(err)
	}
	if got, err := client.Get(t.Context(), "/healthz"); err != nil || string(got.Body) != token {
		t.Errorf("after the login: %s, %v", got, err)
	}
}
