package diagnosis

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// untrusted and unreachable are what Go programs log, Headlamp and the reference
// dashboard among them (crypto/x509, net).
var (
	untrusted   = []string{"x509: certificate signed by unknown authority", "x509: “", "certificate is not trusted"}
	unreachable = []string{"connection refused", "no such host", "i/o timeout", "Client.Timeout exceeded", "context deadline exceeded", "connection reset by peer", "EOF"}
)

// loginRules name what keeps a user from logging in.
var loginRules = []rule{
	{
		cause: ClockOff,
		says:  "The clocks of Keycloak, the API server and the dashboard do not agree: one takes tokens for expired that are not, or for good that are not.",
		fix:   "Set the clocks of all nodes by NTP (chronyc tracking, or timedatectl, says how far one is off): those of Keycloak, the API server and the dashboard have to agree within a few seconds.",
		shows: clockIsOff,
	},
	{
		cause: BaseURLTaken,
		says:  "The proxy before the dashboard takes the base URL's path off what it passes on.",
		fix:   "Have the proxy forward the path as it is (nginx: no URI behind proxy_pass; Traefik: no StripPrefix; Gateway API: no URLRewrite), or run the dashboard without -base-url at the root of a host of its own.",
		shows: baseURLTaken,
	},
	{
		cause: ForwardedProto,
		says:  "The dashboard does not know that its users come over TLS, and asks Keycloak to send them back over http.",
		fix:   "Have the proxy before it send X-Forwarded-Proto: https, or tell the dashboard its address: -oidc-callback-url=https://<its host><base URL>/oidc-callback (Headlamp 0.35 and later).",
		shows: forwardedProto,
	},
	{
		cause: LoginElsewhere,
		says:  "The dashboard keeps in the memory of one replica which logins have begun, and Keycloak sends the browser back to another.",
		fix:   "Run one replica, or give the ingress session affinity by cookie (issue 4134).",
		shows: loginElsewhere,
	},
	{
		cause: RedirectURI,
		says:  "Keycloak's client does not have the dashboard's callback among its valid redirect URIs.",
		fix:   "Keycloak, client, Valid redirect URIs: add https://<the dashboard's host><base URL>/oidc-callback. Headlamp 0.35 and later can be told which one it sends: -oidc-callback-url.",
		shows: func(f facts) []string { return f.stores([]string{"LOGIN_ERROR"}, "invalid_redirect_uri") },
	},
	{
		cause: ClientUnknown,
		says:  "Keycloak knows no enabled client of the id that the dashboard sends.",
		fix:   "Compare -oidc-client-id (Helm: config.oidc.clientID) with the client's id in the realm of the issuer's URL.",
		shows: func(f facts) []string {
			return f.stores([]string{"LOGIN_ERROR", "CODE_TO_TOKEN_ERROR"}, "client_not_found", "client_disabled")
		},
	},
	{
		cause: ClientSecret,
		says:  "Keycloak refuses the dashboard's client secret, so no code becomes a token.",
		fix:   "Keycloak, client, Credentials: copy the secret into -oidc-client-secret (Helm: config.oidc.clientSecret). A realm that was imported anew has a new one.",
		shows: func(f facts) []string {
			return f.stores([]string{"CODE_TO_TOKEN_ERROR", "REFRESH_TOKEN_ERROR"}, "invalid_client_credentials", "unauthorized_client")
		},
	},
	{
		cause: OfflineRefused,
		says:  "The dashboard asks for offline_access, which the user or the client may not have.",
		fix:   "Refreshing does not need offline_access: take it out of -oidc-scopes. To keep it, give users the realm role offline_access, and the client the optional scope of that name.",
		shows: func(f facts) []string {
			return f.stores([]string{"LOGIN_ERROR", "CODE_TO_TOKEN_ERROR"}, "Offline tokens not allowed", "not_allowed")
		},
	},
	{
		cause: ScopesRefused,
		says:  "The dashboard asks for a scope that Keycloak's client does not have.",
		fix:   "-oidc-scopes (Helm: config.oidc.scopes) takes them separated by commas, not by spaces; each has to be a scope of the client, or one of its optional ones.",
		shows: func(f facts) []string { return f.stores([]string{"LOGIN_ERROR"}, "Invalid scopes", "invalid_scope") },
	},
	{
		cause: IssuerUntrusted,
		says:  "The dashboard does not trust Keycloak's certificate.",
		fix:   "Give the dashboard the authority that issued it: -oidc-ca-file (Headlamp 0.35 and later), or in the container's system trust store.",
		shows: func(f facts) []string { return f.loginBroke(untrusted) },
	},
	{
		cause: IssuerNamed,
		says:  "The issuer that the dashboard was told is not, letter by letter, the one that Keycloak calls itself.",
		fix:   "Copy the value of issuer out of <realm's URL>/.well-known/openid-configuration into -oidc-idp-issuer-url (Helm: config.oidc.issuerURL): the same scheme and host, no trailing slash. Keycloak: set its hostname, so that it does not depend on who asks.",
		shows: func(f facts) []string { return f.loginBroke([]string{"did not match the issuer"}) },
	},
	{
		cause: IssuerUnreachable,
		says:  "The dashboard cannot reach Keycloak, although the browser can.",
		fix:   "Look for a network policy, a proxy setting or a DNS name that only the browser resolves: the dashboard itself has to reach the issuer's URL and its token endpoint.",
		shows: func(f facts) []string { return f.loginBroke(unreachable) },
	},
}

// clockIsOff: every answer of the dashboard's own, and there is one, is dated by
// another clock than the suite's. Answers for a cluster are dated by its API server.
func clockIsOff(f facts) []string {
	var evidence []string
	for _, event := range f.front {
		request := event.Request
		if f.line.Header.InCluster(request.URL) || request.Error != "" || request.Status == http.StatusSwitchingProtocols {
			continue
		}
		if request.ClockOff == 0 {
			return nil
		}
		if evidence == nil {
			way := "ahead"
			if request.ClockOff < 0 {
				way = "behind"
			}
			address, _, _ := strings.Cut(request.URL, "?")
			off := time.Duration(request.ClockOff) * time.Second
			evidence = []string{at(event.At, "the dashboard dated its answer to %s %s %s", address, off.Abs(), way)}
		}
	}
	if evidence == nil {
		return nil
	}
	return append(evidence, f.logged("token is expired")...)
}

// baseURLTaken: the browser asked below the base URL, and nothing of that reached the
// dashboard with it.
func baseURLTaken(f facts) []string {
	base := f.line.Header.BaseURL
	if base == "" || len(f.front) == 0 || !f.loggedIn.IsZero() {
		return nil
	}
	for _, event := range f.front {
		if strings.HasPrefix(event.Request.URL, base+"/") {
			return nil
		}
	}
	for _, event := range f.line.Of(timeline.Page, timeline.Responded) {
		if address, err := url.Parse(event.Request.URL); err == nil && strings.HasPrefix(address.Path, base+"/") && event.Request.Status == http.StatusNotFound {
			first := f.front[0]
			path, _, _ := strings.Cut(first.Request.URL, "?")
			return []string{
				at(event.At, "the browser asked for %s, and was answered %d", address.Path, event.Request.Status),
				at(first.At, "what reached the dashboard was %s", path),
			}
		}
	}
	return nil
}

// loginElsewhere: one replica began a login, and another refused to end it.
func loginElsewhere(f facts) []string {
	if !f.loggedIn.IsZero() {
		return nil
	}
	refused, found := f.answeredAt("/oidc-callback", http.StatusBadRequest)
	if !found {
		return nil
	}
	var began timeline.Event
	for _, event := range f.front {
		if path, _, _ := strings.Cut(event.Request.URL, "?"); path == f.line.Header.BaseURL+"/oidc" && event.At.Before(refused.At) {
			began = event
		}
	}
	if began.Request == nil || began.Request.Replica == "" || began.Request.Replica == refused.Request.Replica {
		return nil
	}
	return []string{
		at(began.At, "the replica %s sent the browser to Keycloak", began.Request.Replica),
		at(refused.At, "the replica %s answered the callback %d", refused.Request.Replica, refused.Request.Status),
	}
}

// forwardedProto: Keycloak refused an address over http, and the browser is at one
// over https.
func forwardedProto(f facts) []string {
	refused, found := f.first(func(e timeline.Event) bool {
		return e.Identity.Type == "LOGIN_ERROR" && e.Identity.Error == "invalid_redirect_uri" && strings.HasPrefix(e.Identity.Details["redirect_uri"], "http://")
	})
	if !found {
		return nil
	}
	return []string{at(refused.At, "Keycloak stored %s for %s, which the browser knows over https", stored(refused.Identity), refused.Identity.Details["redirect_uri"])}
}

// loginBroke returns what shows that a login ended at the dashboard with an error,
// for a reason that its log tells in one of these words.
func (f facts) loginBroke(words []string) []string {
	if !f.loggedIn.IsZero() {
		return nil
	}
	for _, path := range []string{"/oidc-callback", "/oidc"} {
		answer, found := f.answeredAt(path, http.StatusBadRequest)
		if !found {
			continue
		}
		if logged := f.logged(words...); logged != nil {
			address, _, _ := strings.Cut(answer.Request.URL, "?")
			return append([]string{at(answer.At, "%s was answered %d", address, answer.Request.Status)}, logged...)
		}
	}
	return nil
}
