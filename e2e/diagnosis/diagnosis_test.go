package diagnosis_test

import (
	"slices"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const issuer = "https://127.0.0.1:8443/realms/one"

var start = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func second(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }

// token was issued at a second, and lives for thirty.
func token(n int, change ...func(*redact.Token)) *redact.Token {
	issued := &redact.Token{
		Hash: "hash", Issuer: issuer, Audience: []string{"headlamp"}, Username: "dev", Groups: []string{"developers"},
		IssuedAt: second(n), ExpiresAt: second(n + 30),
	}
	for _, change := range change {
		change(issued)
	}
	return issued
}

func keycloak(n int, kind timeline.Kind, typ, err, reason string) timeline.Event {
	return timeline.Event{At: second(n), Witness: timeline.Keycloak, Kind: kind, Identity: &timeline.Identity{
		Type: typ, Client: "headlamp", Error: err, Details: map[string]string{"reason": reason},
	}}
}

func exchanged(n int) timeline.Event {
	event := keycloak(n, timeline.OtherEvent, "CODE_TO_TOKEN", "", "")
	event.Identity.Details["refresh_token_type"] = "Refresh"
	return event
}

func answer(n int, witness timeline.Witness, url string, status int, bearer *redact.Token) timeline.Event {
	return timeline.Event{At: second(n), Witness: witness, Kind: timeline.Responded, Request: &timeline.Request{
		Method: "GET", URL: url, Status: status, Bearer: bearer,
	}}
}

// dated is an answer by a clock that is off.
func dated(n int, url string, off int) timeline.Event {
	event := answer(n, timeline.Front, url, 200, nil)
	event.Request.ClockOff = off
	return event
}

func refusedBy(n int, reason string, bearer *redact.Token) timeline.Event {
	event := answer(n, timeline.Impersonator, "/api/v1/events", 401, bearer)
	event.Request.Error = reason
	return event
}

func toReplica(n int, replica string) timeline.Event {
	event := answer(n, timeline.Front, "/clusters/main/healthz", 200, nil)
	event.Request.Replica, event.Request.CookieToken = replica, token(0)
	return event
}

// loginAt is a login that began at one replica and was refused by another.
func loginAt(first, second string) []timeline.Event {
	began, refused := answer(1, timeline.Front, "/oidc?cluster=main", 302, nil), answer(3, timeline.Front, "/oidc-callback?code=redacted", 400, nil)
	began.Request.Replica, refused.Request.Replica = first, second
	return []timeline.Event{began, refused}
}

// dead is a session whose first token expired and was refused.
func dead(more ...timeline.Event) []timeline.Event {
	told := answer(31, timeline.Front, "/clusters/main/healthz", 401, nil)
	told.Request.CookieToken = token(0)
	return append([]timeline.Event{
		exchanged(0), answer(5, timeline.Tap, "/healthz", 200, token(0)), answer(31, timeline.Tap, "/healthz", 401, token(0)), told,
	}, more...)
}

type course struct {
	cause  diagnosis.Cause
	base   string // the base URL
	log    string
	events []timeline.Event
	others []timeline.Cluster // beside the first
	api    string             // the API server's log
}

func impersonated() []timeline.Event {
	return impersonatedBy("system:serviceaccount:headlamp:impersonator")
}

func impersonatedBy(user string) []timeline.Event {
	asked := answer(2, timeline.Tap, "/api/v1/events", 403, nil)
	asked.Request.AuditID, asked.Request.Impersonation = "one", &timeline.Impersonation{User: "dev"}
	return []timeline.Event{exchanged(0), asked, {At: second(2), Witness: timeline.Audit, Kind: timeline.Audited, Record: &timeline.Record{
		AuditID: "one", Verb: "list", URI: "/api/v1/events", User: user, Code: 403,
	}}}
}

// knownAs is a request of the token's user whom the API server knew by a name.
func knownAs(status int, name string) []timeline.Event {
	asked := answer(2, timeline.Tap, "/apis/rbac.authorization.k8s.io/v1/clusterroles", status, token(0))
	asked.Request.AuditID = "one"
	return []timeline.Event{exchanged(0), asked, {At: second(2), Witness: timeline.Audit, Kind: timeline.Audited, Record: &timeline.Record{
		AuditID: "one", Verb: "list", URI: "/apis/rbac.authorization.k8s.io/v1/clusterroles", User: name, Code: status,
	}}}
}

func cookieLost() []timeline.Event {
	set := answer(1, timeline.Front, "/oidc-callback?code=redacted", 303, nil)
	set.Request.SetCookies = []timeline.Cookie{{Name: "headlamp-auth-main.0", Token: token(0)}}
	return []timeline.Event{exchanged(0), set, answer(2, timeline.Front, "/clusters/main/healthz", 401, nil)}
}

func refusedAddress(address string) timeline.Event {
	event := keycloak(1, timeline.LoginError, "LOGIN_ERROR", "invalid_redirect_uri", "")
	event.Identity.Details["redirect_uri"] = address
	return event
}

var courses = map[string]course{
	"redirect URI":      {cause: diagnosis.RedirectURI, events: []timeline.Event{keycloak(1, timeline.LoginError, "LOGIN_ERROR", "invalid_redirect_uri", "")}},
	"client":            {cause: diagnosis.ClientUnknown, events: []timeline.Event{keycloak(1, timeline.LoginError, "LOGIN_ERROR", "client_not_found", "")}},
	"secret":            {cause: diagnosis.ClientSecret, events: []timeline.Event{keycloak(1, timeline.OtherEvent, "CODE_TO_TOKEN_ERROR", "invalid_client_credentials", "")}},
	"offline":           {cause: diagnosis.OfflineRefused, events: []timeline.Event{keycloak(1, timeline.OtherEvent, "CODE_TO_TOKEN_ERROR", "not_allowed", "Offline tokens not allowed for the user or client")}},
	"scopes":            {cause: diagnosis.ScopesRefused, events: []timeline.Event{keycloak(1, timeline.LoginError, "LOGIN_ERROR", "invalid_request", "Invalid scopes: openid groups")}},
	"authority":         {cause: diagnosis.IssuerUntrusted, log: "x509: certificate signed by unknown authority", events: []timeline.Event{answer(1, timeline.Front, "/oidc?cluster=main", 500, nil)}},
	"authority, base":   {cause: diagnosis.IssuerUntrusted, base: "/headlamp", log: "x509: certificate signed by unknown authority", events: []timeline.Event{answer(1, timeline.Front, "/headlamp/oidc?cluster=main", 500, nil)}},
	"unreachable":       {cause: diagnosis.IssuerUnreachable, log: "dial tcp: lookup keycloak: no such host", events: []timeline.Event{answer(1, timeline.Front, "/oidc-callback?code=redacted", 500, nil)}},
	"large headers":     {cause: diagnosis.HeadersTooLarge, events: []timeline.Event{exchanged(0), answer(1, timeline.Front, "/clusters/main/healthz", 431, nil)}},
	"cookie":            {cause: diagnosis.CookieDropped, events: cookieLost()},
	"login elsewhere":   {cause: diagnosis.LoginElsewhere, events: loginAt("127.0.0.2:80", "127.0.0.3:80")},
	"audience":          {cause: diagnosis.WrongAudience, events: []timeline.Event{exchanged(0), refusedBy(1, "expected audience \"headlamp\"", token(0))}},
	"audience in token": {cause: diagnosis.WrongAudience, events: []timeline.Event{exchanged(0), answer(1, timeline.Tap, "/version", 401, token(0, func(t *redact.Token) { t.Audience = []string{"account"} }))}},
	"issuer":            {cause: diagnosis.WrongIssuer, events: []timeline.Event{exchanged(0), answer(1, timeline.Tap, "/version", 401, token(0, func(t *redact.Token) { t.Issuer += "/" }))}},
	"user name":         {cause: diagnosis.NoUsername, events: []timeline.Event{exchanged(0), answer(1, timeline.Tap, "/version", 401, token(0, func(t *redact.Token) { t.Username = "" }))}},
	"distrust":          {cause: diagnosis.TokenRefused, events: []timeline.Event{exchanged(0), answer(1, timeline.Tap, "/version", 401, token(0))}},
	"API server's authority": {cause: diagnosis.APIServerDistrust, api: "oidc authenticator: initializing plugin: tls: failed to verify certificate: x509: certificate signed by unknown authority", events: []timeline.Event{
		exchanged(0), answer(1, timeline.Tap, "/version", 401, token(0)),
	}},
	"issuer of the dashboard": {cause: diagnosis.IssuerNamed, log: "oidc: issuer URL provided to client (https://id/) did not match the issuer URL returned by provider (https://id)", events: []timeline.Event{answer(1, timeline.Front, "/oidc?cluster=main", 502, nil)}},
	"clock ahead":             {cause: diagnosis.ClockOff, log: "oidc: token is expired", events: []timeline.Event{dated(1, "/oidc-callback?code=redacted", 300)}},
	"clock behind":            {cause: diagnosis.ClockOff, log: "listening", events: dead(dated(1, "/config", -300))},
	"impersonate":             {cause: diagnosis.NoImpersonation, events: impersonated()},
	"groups":                  {cause: diagnosis.NoGroups, events: []timeline.Event{exchanged(0), answer(1, timeline.Tap, "/api/v1/events?limit=1", 403, token(0, func(t *redact.Token) { t.Groups = nil }))}},
	"rights":                  {cause: diagnosis.NoRights, events: []timeline.Event{exchanged(0), answer(1, timeline.Tap, "/apis/apps/v1/deployments", 403, token(0))}},
	"no refresh token":        {cause: diagnosis.NoRefreshToken, events: []timeline.Event{keycloak(0, timeline.OtherEvent, "CODE_TO_TOKEN", "", "")}},
	"raced":                   {cause: diagnosis.RefreshTokenRaced, events: dead(keycloak(30, timeline.RefreshError, "REFRESH_TOKEN_ERROR", "invalid_token", "Maximum allowed refresh token reuse exceeded"))},
	"session over":            {cause: diagnosis.SessionOver, events: dead(keycloak(30, timeline.RefreshError, "REFRESH_TOKEN_ERROR", "invalid_token", "Session not active"))},
	"realm anew": {cause: diagnosis.RealmAnew, events: dead(
		keycloak(20, timeline.Refresh, "REFRESH_TOKEN", "", ""), keycloak(30, timeline.RefreshError, "REFRESH_TOKEN_ERROR", "invalid_token", "Invalid refresh token"),
	)},
	"another cluster": {cause: diagnosis.OtherClusters, others: []timeline.Cluster{{Name: "second"}}, events: dead(
		keycloak(29, timeline.Refresh, "REFRESH_TOKEN", "", ""),
		keycloak(30, timeline.RefreshError, "REFRESH_TOKEN_ERROR", "invalid_token", "Invalid refresh token"),
	)},
	"ID token, clusters": {cause: diagnosis.NotARefreshToken, others: []timeline.Cluster{{Name: "second"}}, events: dead(
		keycloak(30, timeline.RefreshError, "REFRESH_TOKEN_ERROR", "invalid_token", "Invalid refresh token"),
	)},
	"ID token":            {cause: diagnosis.NotARefreshToken, events: dead(keycloak(30, timeline.RefreshError, "REFRESH_TOKEN_ERROR", "invalid_token", "Invalid refresh token"))},
	"authority, ended":    {cause: diagnosis.RefreshUntrusted, log: "x509: certificate signed by unknown authority", events: dead(timeline.Event{At: second(9), Witness: timeline.Suite, Kind: timeline.Acted, Text: timeline.SessionsEnded})},
	"authority, refresh":  {cause: diagnosis.RefreshUntrusted, log: "failed to refresh token: x509: certificate signed by unknown authority", events: dead()},
	"restart, log":        {cause: diagnosis.RefreshTokenLost, log: "getting refresh token: key not found", events: dead()},
	"restart":             {cause: diagnosis.RefreshTokenLost, log: "listening", events: dead(timeline.Event{At: second(9), Witness: timeline.Suite, Kind: timeline.Acted, Text: timeline.DashboardRestarted})},
	"replica":             {cause: diagnosis.OtherReplica, log: "key not found", events: dead(toReplica(3, "127.0.0.2:80"), toReplica(4, "127.0.0.3:80"))},
	"unreachable refresh": {cause: diagnosis.IssuerUnreachable, log: "dial tcp 127.0.0.1: connection refused", events: dead()},
	"base URL":            {cause: diagnosis.RefreshBasePath, base: "/headlamp", log: "listening", events: dead()},
	"never":               {cause: diagnosis.NeverRefreshes, log: "listening", events: dead()},
	"large, on the way":   {cause: diagnosis.HeadersTooLarge, events: []timeline.Event{exchanged(0), answer(1, timeline.Page, "https://localhost:80/clusters/main/healthz", 431, nil)}},
	"forwarded proto":     {cause: diagnosis.ForwardedProto, events: []timeline.Event{refusedAddress("http://localhost:80/oidc-callback")}},
	"redirect, https":     {cause: diagnosis.RedirectURI, events: []timeline.Event{refusedAddress("https://localhost:80/oidc-callback")}},
	"base URL taken":      {cause: diagnosis.BaseURLTaken, base: "/headlamp", events: []timeline.Event{answer(1, timeline.Page, "https://localhost:80/headlamp/", 404, nil), answer(1, timeline.Front, "/", 404, nil)}},
	"issuer before name":  {cause: diagnosis.NamePrefixed, events: knownAs(403, issuer+"#dev")},
	"groups' paths":       {cause: diagnosis.GroupsWithPath, events: []timeline.Event{exchanged(0), answer(1, timeline.Tap, "/api/v1/events?limit=1", 403, token(0, func(t *redact.Token) { t.Groups = []string{"/developers"} }))}},
}

func (c course) diagnose() (diagnosis.Diagnosis, bool) {
	line := timeline.Timeline{Header: timeline.Header{
		Cluster: "main", Issuer: issuer, Client: "headlamp", BaseURL: c.base, Users: []timeline.User{{Name: "dev"}}, Others: c.others,
	}, Events: slices.Clone(c.events)}
	line.Sort()
	return diagnosis.Diagnose(diagnosis.Seen{Line: line, Log: c.log, APIServerLog: c.api})
}

func TestEachCauseIsNamedByWhatItLeavesBehind(t *testing.T) {
	t.Parallel()
	named := map[diagnosis.Cause]bool{}
	for name, course := range courses {
		got, found := course.diagnose()
		if !found || got.Cause != course.cause {
			t.Errorf("%s: named is %+v", name, got)
		}
		named[got.Cause] = true
	}
	for _, cause := range diagnosis.Causes() {
		if !named[cause] {
			t.Errorf("nothing shows %s", cause)
		}
	}
}

func TestWhatCouldBeOtherwiseIsNotNamed(t *testing.T) {
	t.Parallel()
	acted := func(action string) timeline.Event {
		return timeline.Event{At: second(9), Witness: timeline.Suite, Kind: timeline.Acted, Text: action}
	}
	over := keycloak(30, timeline.RefreshError, "REFRESH_TOKEN_ERROR", "invalid_token", "Session not active")
	for name, course := range map[string]course{
		"nothing at all":            {},
		"ended by an administrator": {events: dead(acted(timeline.SessionsEnded), over)},
		"a user who was disabled":   {events: dead(acted(timeline.UserDisabled), over)},
		"no log":                    {events: dead()},
		"a token that was brought along": {log: "key not found", events: []timeline.Event{
			exchanged(50), answer(51, timeline.Tap, "/healthz", 401, token(0)), answer(52, timeline.Tap, "/healthz", 200, token(50)),
		}},
		"asked, and refused unsaid":     {log: "listening", events: dead(keycloak(30, timeline.RefreshError, "REFRESH_TOKEN_ERROR", "other", ""))},
		"a fresh token, accepted later": {events: []timeline.Event{exchanged(0), answer(1, timeline.Tap, "/version", 200, token(0)), answer(2, timeline.Tap, "/version", 401, token(0))}},
		"one right is missing": {events: []timeline.Event{
			exchanged(0), answer(1, timeline.Tap, "/api/v1/events", 200, token(0)), answer(2, timeline.Tap, "/apis/apps/v1/deployments", 403, token(0)),
		}},
		"a user who forges headers":         {events: impersonatedBy("dev")},
		"a prefixed name that is served":    {events: knownAs(200, issuer+"#dev")},
		"one answer by another clock":       {events: []timeline.Event{dated(1, "/", 300), answer(2, timeline.Front, "/config", 200, nil)}},
		"an API server's other clock":       {events: []timeline.Event{dated(1, "/clusters/main/healthz", 300)}},
		"a callback refused where it began": {events: loginAt("127.0.0.2:80", "127.0.0.2:80")},
		"distrust, and nobody refused":      {api: "x509: certificate signed by unknown authority", events: []timeline.Event{exchanged(0), answer(1, timeline.Tap, "/version", 200, token(0))}},
		"discovery is refused":              {events: []timeline.Event{exchanged(0), answer(1, timeline.Tap, "/apis/apps/v1", 403, token(0))}},
	} {
		if got, found := course.diagnose(); found {
			t.Errorf("%s: named is %+v", name, got)
		}
	}
}
