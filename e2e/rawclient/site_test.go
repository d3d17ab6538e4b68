package rawclient

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
)

// What must never be in an error.
const (
	password = "the-password-of-a-user"
	state    = "the-state-of-a-login"
	code     = "the-code-of-a-login"
	token    = "the-session-in-the-cookie"
)

const (
	issuerPath   = "/realms/r"
	authPath     = issuerPath + "/protocol/openid-connect/auth"
	authenticate = issuerPath + "/login-actions/authenticate"
	callbackPath = "/oidc-callback"
)

// site is a dashboard and its Keycloak, as small as they can be, each at an
// origin of its own. Handlers put into with take the place of a path's own.
type site struct {
	dashboard, keycloak string // addresses
	authority           *pki.Authority
	with                map[string]http.HandlerFunc
}

func newSite(t *testing.T, with map[string]http.HandlerFunc) *site {
	t.Helper()
	authority, err := pki.NewAuthority(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	made := &site{authority: authority, with: with}
	made.keycloak = made.serve(t, "127.0.0.1", map[string]http.HandlerFunc{authPath: made.form(""), authenticate: made.authenticate})
	made.dashboard = made.serve(t, "localhost", map[string]http.HandlerFunc{
		"/oidc": made.start, callbackPath: made.callback,
		"/auth": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<p>Redirecting to main page…</p>") },
	})
	return made
}

func (s *site) serve(t *testing.T, host string, handlers map[string]http.HandlerFunc) (address string) {
	t.Helper()
	pair, err := s.authority.Server(host)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if own, found := s.with[r.URL.Path]; found {
			own(w, r)
		} else if handler, found := handlers[r.URL.Path]; found {
			handler(w, r)
		} else {
			http.NotFound(w, r)
		}
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return strings.Replace(server.URL, "127.0.0.1", host, 1)
}

// client is somebody who trusts the site.
func (s *site) client(t *testing.T) *Client {
	t.Helper()
	client, err := New(Options{Front: s.dashboard, Cluster: "main", Issuer: s.keycloak + issuerPath, Roots: s.authority.Pool()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func (s *site) start(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("cluster") != "main" {
		http.Error(w, "no such cluster", http.StatusNotFound)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "login", Value: state, Path: callbackPath, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, s.keycloak+authPath+"?state="+state, http.StatusFound)
}

// form is Keycloak's page with its login form, and with a complaint.
func (s *site) form(complaint string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "AUTH_SESSION_ID", Value: "a", Path: issuerPath + "/", Secure: true, SameSite: http.SameSiteNoneMode})
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		fmt.Fprintf(w, `<!DOCTYPE html><html><head><title>Sign in</title><script>var s = "script";</script></head><body>
<form action="/search"><input name="q"></form>
<h1>Sign in to your account</h1><span id="input-error">%s</span>
<form id="kc-form-login" action="%s?session_code=%s&amp;tab_id=t" method="post">
<input id="username" name="username" type="text"/><input id="password" name="password" type="password"/>
<input type="hidden" name="credentialId" value="c"/><input type="checkbox" name="rememberMe"/><button name="login" type="submit">Sign In</button>
</form></body></html>`, complaint, s.keycloak+authenticate, code)
	}
}

func (s *site) authenticate(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie("AUTH_SESSION_ID")
	switch {
	case err != nil || cookie.Value != "a" || r.Method != http.MethodPost || r.URL.Query().Get("tab_id") != "t":
		http.Error(w, "this browser did not begin here", http.StatusBadRequest)
	case r.PostFormValue("username") != "dev" || r.PostFormValue("password") != password || r.PostFormValue("credentialId") != "c" || r.PostForm.Has("rememberMe"):
		s.form("Invalid username or password.")(w, r)
	default:
		http.Redirect(w, r, s.dashboard+callbackPath+"?code="+code+"&state="+state, http.StatusFound)
	}
}

func (s *site) callback(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie("login")
	if err != nil || cookie.Value != state || r.URL.Query().Get("state") != state || r.URL.Query().Get("code") != code {
		http.Error(w, "this login was not begun here", http.StatusBadRequest)
		return
	}
	setSession(w, token)
	http.Redirect(w, r, "/auth?cluster=main", http.StatusSeeOther)
}

func setSession(w http.ResponseWriter, value string) {
	http.SetCookie(w, &http.Cookie{
		Name: "headlamp-auth-main.0", Value: value, Path: "/clusters/main", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// session is the session that a request came with.
func session(r *http.Request) string {
	cookie, err := r.Cookie("headlamp-auth-main.0")
	if err != nil {
		return "none"
	}
	return cookie.Value
}

// requireNoSecret fails the test when an error gives something away.
func requireNoSecret(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{password, state, code, token} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q is in: %v", secret, err)
		}
	}
}
