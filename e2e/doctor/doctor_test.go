package doctor_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/doctor"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak/keycloaktest"
)

const callback = "https://localhost:9/oidc-callback"

// planted is one thing wrong with a set-up, and what the doctor has to say.
type planted struct {
	client, realm func(map[string]any)
	target        func(*doctor.Target)
	scope         string // is taken from the client
	withoutRoles  bool   // has the user no roles
	apiServer     http.HandlerFunc
	check         string
	result        doctor.Result
	cause         diagnosis.Cause
}

func set(name string, value any) func(map[string]any) {
	return func(settings map[string]any) { settings[name] = value }
}

var plantings = map[string]planted{
	"nothing":             {check: "refresh", result: doctor.Right},
	"redirect URI":        {client: set("redirectUris", []any{"https://elsewhere.invalid/"}), check: "redirect URI and scopes", result: doctor.Wrong, cause: diagnosis.RedirectURI},
	"client":              {target: func(t *doctor.Target) { t.ClientID = "another" }, check: "redirect URI and scopes", result: doctor.Wrong, cause: diagnosis.ClientUnknown},
	"scope":               {target: func(t *doctor.Target) { t.Scopes = append(t.Scopes, "groups") }, check: "redirect URI and scopes", result: doctor.Wrong, cause: diagnosis.ScopesRefused},
	"secret":              {target: func(t *doctor.Target) { t.ClientSecret = "another" }, check: "client secret", result: doctor.Wrong, cause: diagnosis.ClientSecret},
	"authority":           {target: func(t *doctor.Target) { t.Roots = x509.NewCertPool() }, check: "discovery", result: doctor.Wrong, cause: diagnosis.IssuerUntrusted},
	"issuer":              {target: func(t *doctor.Target) { t.Issuer += "/" }, check: "discovery", result: doctor.Wrong, cause: diagnosis.IssuerNamed},
	"unreachable":         {target: func(t *doctor.Target) { t.Issuer = "https://127.0.0.1:9/realms/none" }, check: "discovery", result: doctor.Wrong, cause: diagnosis.IssuerUnreachable},
	"password":            {target: func(t *doctor.Target) { t.Password = "another" }, check: "login", result: doctor.Wrong},
	"groups":              {client: set("protocolMappers", []any{}), check: "claims", result: doctor.Doubtful, cause: diagnosis.NoGroups},
	"no refresh token":    {client: noRefreshTokens, check: "refresh", result: doctor.Wrong, cause: diagnosis.NoRefreshToken},
	"rotation":            {realm: rotating, check: "refresh", result: doctor.Doubtful, cause: diagnosis.RefreshTokenRaced},
	"API server":          {apiServer: knows("dev", true, "developers"), check: "API server", result: doctor.Right},
	"API server's OIDC":   {apiServer: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusUnauthorized) }, check: "API server", result: doctor.Wrong, cause: diagnosis.TokenRefused},
	"API server's groups": {apiServer: knows("dev", true), check: "API server", result: doctor.Wrong, cause: diagnosis.NoGroups},
	"API server's prefix": {apiServer: knows("oidc:dev", true, "oidc:developers"), check: "API server", result: doctor.Right},
	"API server's clock":  {apiServer: late(knows("dev", true, "developers")), check: "clocks", result: doctor.Wrong, cause: diagnosis.ClockOff},
	"offline scope":       {target: askOffline, scope: "offline_access", check: "redirect URI and scopes", result: doctor.Wrong, cause: diagnosis.ScopesRefused},
	"offline role":        {target: askOffline, withoutRoles: true, check: "login", result: doctor.Wrong, cause: diagnosis.OfflineRefused},
	"lifetime":            {realm: set("accessTokenLifespan", 20), check: "claims", result: doctor.Doubtful},
	"rights":              {apiServer: knows("dev", false, "developers"), check: "API server", result: doctor.Doubtful, cause: diagnosis.NoRights},
}

func askOffline(t *doctor.Target) { t.Scopes = append(t.Scopes, "offline_access") }

// late answers by a clock that is five minutes behind.
func late(inner http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(-5*time.Minute).UTC().Format(http.TimeFormat))
		inner(w, r)
	}
}

func noRefreshTokens(client map[string]any) {
	attributes, _ := client["attributes"].(map[string]any)
	if attributes == nil {
		attributes = map[string]any{}
	}
	attributes["use.refresh.tokens"] = "false"
	client["attributes"] = attributes
}

func rotating(settings map[string]any) {
	settings["revokeRefreshToken"], settings["refreshTokenMaxReuse"] = true, 0
}

// knows answers as an API server that takes the token's user for this one.
func knows(user string, allowed bool, groups ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var answer any = &authenticationv1.SelfSubjectReview{Status: authenticationv1.SelfSubjectReviewStatus{
			UserInfo: authenticationv1.UserInfo{Username: user, Groups: append(groups, "system:authenticated")},
		}}
		if strings.Contains(r.URL.Path, "selfsubjectaccessreviews") {
			answer = &authorizationv1.SelfSubjectAccessReview{Status: authorizationv1.SubjectAccessReviewStatus{Allowed: allowed}}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// TestARealKeycloakIsExamined plants each in a realm of its own, of one Keycloak.
func TestARealKeycloakIsExamined(t *testing.T) {
	t.Parallel()
	server, authority := keycloaktest.Start(t, keycloak.DefaultVersion)
	endpoint, roots := server.Endpoint(), authority.Pool()
	t.Run("planted", func(t *testing.T) {
		next := 0
		for name, planted := range plantings {
			own := endpoint
			own.Realms = endpoint.Realms[next%len(endpoint.Realms):][:1]
			next++
			t.Run(name, func(t *testing.T) { planted.examine(t, own, roots) })
		}
	})
}

func (p planted) examine(t *testing.T, endpoint keycloak.Endpoint, roots *x509.CertPool) {
	admin, err := keycloak.Connect(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	realm, err := admin.Lease(t.Context(), keycloak.LeaseOptions{Lifetime: time.Minute, RedirectURIs: []string{callback}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := realm.Release(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	user, err := realm.CreateUser(t.Context(), keycloak.User{Name: "dev", Groups: []string{"developers"}})
	if err != nil {
		t.Fatal(err)
	}
	if p.client != nil {
		err = realm.UpdateClient(t.Context(), p.client)
	}
	if p.realm != nil {
		err = realm.Update(t.Context(), p.realm)
	}
	if p.scope != "" {
		err = errors.Join(err, realm.WithdrawScope(t.Context(), p.scope))
	}
	if p.withoutRoles {
		err = errors.Join(err, realm.TakeRoles(t.Context(), user))
	}
	if err != nil {
		t.Fatal(err)
	}
	target := doctor.Target{
		Issuer: realm.Issuer, ClientID: realm.ClientID, ClientSecret: realm.ClientSecret.Reveal(), RedirectURI: callback,
		Scopes: []string{"profile", "email"}, Roots: roots, Username: user.Name, Password: user.Password.Reveal(),
	}
	if p.apiServer != nil {
		server := httptest.NewTLSServer(p.apiServer)
		defer server.Close()
		target.APIServer, target.APIRoots = server.URL, x509.NewCertPool()
		target.APIRoots.AddCert(server.Certificate())
	}
	if p.target != nil {
		p.target(&target)
	}
	begun := time.Now()
	checks, err := doctor.Examine(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("took %.1f s", time.Since(begun).Seconds())
	p.require(t, checks)
	for _, check := range checks {
		for _, secret := range []string{target.ClientSecret, target.Password} {
			if strings.Contains(check.Says, secret) && secret != "another" {
				t.Errorf("%s tells a secret", check.Name)
			}
		}
	}
	if left, err := realm.Sessions(t.Context(), user); err == nil && left > 0 && p.check == "refresh" && p.result == doctor.Right {
		t.Errorf("%d sessions are left", left)
	}
}

// require fails the test unless the check says what was planted, and nothing else
// is called wrong.
func (p planted) require(t *testing.T, checks []doctor.Check) {
	t.Helper()
	if len(checks) != 8 {
		t.Errorf("%d checks: %+v", len(checks), checks)
	}
	found := false
	for _, check := range checks {
		switch {
		case check.Name == p.check:
			found = true
			if check.Result != p.result || check.Cause != p.cause {
				t.Errorf("%+v", check)
			}
			if (check.Cause != "") != (check.Fix != "") {
				t.Errorf("it says what is wrong and not what to do, or the other way round: %+v", check)
			}
		case check.Result == doctor.Wrong || check.Result == doctor.Doubtful:
			t.Errorf("another one finds something: %+v", check)
		}
	}
	if !found {
		t.Errorf("%s was not looked at: %+v", p.check, checks)
	}
}

func TestADashboardTellsWhereItSendsWhoSignsIn(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.String() {
		case "/headlamp/oidc?cluster=main":
			http.Redirect(w, r, "https://id.example.com/realms/one/protocol/openid-connect/auth?client_id=headlamp&redirect_uri=https%3A%2F%2Fh%2Foidc-callback&scope=openid+profile+groups&state=s", http.StatusFound)
		case "/foreign/oidc?cluster=main":
			http.Redirect(w, r, "https://id.example.com/authorize?client_id=headlamp", http.StatusFound)
		default:
			http.Error(w, "", http.StatusInternalServerError)
		}
	}))
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	learned, err := doctor.Learn(t.Context(), server.URL+"/headlamp/", "main", roots)
	if err != nil || learned.Issuer != "https://id.example.com/realms/one" || learned.ClientID != "headlamp" ||
		learned.RedirectURI != "https://h/oidc-callback" || strings.Join(learned.Scopes, " ") != "profile groups" {
		t.Errorf("learned %+v, %v", learned, err)
	}
	for path, says := range map[string]string{"/foreign": "give --issuer", "/broken": "answered 500"} {
		if _, err := doctor.Learn(t.Context(), server.URL+path, "main", roots); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
