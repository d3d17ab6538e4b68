package diagnosis

import (
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// refreshError is the type of what Keycloak stores of a refused refresh.
var refreshError = []string{"REFRESH_TOKEN_ERROR"}

// refreshRules name what ends a session that had begun.
var refreshRules = []rule{
	{
		cause: NoRefreshToken,
		says:  "Keycloak gives this client no refresh token, so a session ends with its first token.",
		fix:   "Keycloak, client, Advanced, OpenID Connect Compatibility Modes: switch Use refresh tokens on.",
		shows: noRefreshToken,
	},
	{
		cause: RefreshTokenRaced,
		says:  "A refresh token was used twice, and Keycloak revokes it at its use.",
		fix:   "Keycloak, realm settings, Tokens: switch Revoke Refresh Token off, or allow reuse. The dashboard sends the same one from requests that run side by side.",
		shows: func(f facts) []string {
			return f.stores(refreshError, "Maximum allowed refresh token reuse exceeded", "Stale token", "Session doesn't have required client")
		},
	},
	{
		cause: SessionOver,
		says:  "The single sign-on session at Keycloak is over before the user is done.",
		fix:   "Keycloak, realm settings, Sessions: raise SSO Session Idle and SSO Session Max (and the client's own, if set).",
		shows: func(f facts) []string {
			if f.ended() {
				return nil // on purpose
			}
			return f.stores(refreshError, "Session not active", "Token is not active", "user_session_not_found", "Session expired")
		},
	},
	{
		cause: OtherClusters,
		says:  "The dashboard has a session of one cluster refreshed by the identity provider of another.",
		fix:   "Headlamp 0.36 to 0.45 ask -oidc-idp-issuer-url for every cluster, and not the cluster's own idp-issuer-url in the kubeconfig: run one Headlamp for each issuer.",
		shows: func(f facts) []string {
			// One that refreshes no session at all has another trouble.
			if len(f.line.Header.Others) == 0 || !f.refreshes() {
				return nil
			}
			return f.stores(refreshError, "Invalid refresh token")
		},
	},
	{
		cause: RealmAnew,
		says:  "Keycloak knows neither the session nor the key any more that it signed the refresh token with: its realm was imported anew, with overwrite.",
		fix:   "Keycloak: import with --override=false, or with --import-realm, which leaves a realm alone that is there; change one that is in use through its administration. Users have to log in again after an import.",
		shows: func(f facts) []string {
			refused, found := f.first(func(e timeline.Event) bool { return e.Kind == timeline.RefreshError })
			if !found || !f.refreshedBefore(refused.At) {
				return nil // it never was a refresh token
			}
			return f.stores(refreshError, "Invalid refresh token")
		},
	},
	{
		cause: NotARefreshToken,
		says:  "What the dashboard sends to be refreshed is no refresh token.",
		fix:   "Headlamp 0.29 to 0.31 send the ID token (issue 3143): upgrade to 0.39 or later, for 0.35 does not refresh (issue 3918), nor do 0.36 to 0.38 behind a private authority (issue 4246).",
		shows: func(f facts) []string {
			return f.stores(refreshError, "Invalid refresh token", "Invalid token type")
		},
	},
	{
		cause: RefreshUntrusted,
		says:  "The dashboard trusts Keycloak's certificate at the login, and not at the refresh.",
		fix:   "Headlamp 0.36 to 0.38 do not use -oidc-ca-file for it (issue 4246): upgrade to 0.39 or later, or put the authority into the container's system trust store.",
		shows: func(f facts) []string { return f.unasked(f.logged(untrusted...)) },
	},
	{
		cause: RefreshTokenLost,
		says:  "The dashboard has lost the refresh token: it keeps it in its memory, and was restarted.",
		fix:   "Users have to log in again after each restart of Headlamp (issue 4134); raise the ID token's lifetime to make it rarer.",
		shows: func(f facts) []string {
			if len(f.replicas()) > 1 {
				return nil
			}
			if logged := f.logged("key not found"); logged != nil {
				return f.neverAsked(logged)
			}
			restarted, found := f.line.Since(f.loggedIn).Acted(timeline.DashboardRestarted)
			if !found {
				return nil
			}
			ranOut := f.ranOut(restarted.At)
			if ranOut == nil {
				return nil
			}
			return append([]string{at(restarted.At, "the dashboard was restarted")}, ranOut...)
		},
	},
	{
		cause: OtherReplica,
		says:  "The refresh token is in the memory of one replica, and requests reach another.",
		fix:   "Run one replica, or give the ingress session affinity by cookie (issue 4134).",
		shows: func(f facts) []string {
			replicas := f.replicas()
			if len(replicas) < 2 {
				return nil
			}
			ranOut := f.ranOut(f.loggedIn)
			if ranOut == nil {
				return nil
			}
			return append(ranOut, "the session was at the replicas "+strings.Join(replicas, ", "))
		},
	},
	{
		cause: IssuerUnreachable,
		says:  "The dashboard could reach Keycloak at the login, and cannot at the refresh.",
		fix:   "Look for a network policy or a proxy setting that keeps the dashboard from the issuer's token endpoint.",
		shows: func(f facts) []string {
			if _, lost := f.line.Acted(timeline.ProviderLost); lost {
				return nil // on purpose
			}
			return f.neverAsked(f.logged("connection refused", "no such host", "i/o timeout", "Client.Timeout exceeded"))
		},
	},
	{
		cause: RefreshBasePath,
		says:  "The dashboard does not refresh when it is served under a base URL.",
		fix:   "Serve it at the root of a host of its own, without -base-url (issue 7513).",
		shows: func(f facts) []string {
			if f.line.Header.BaseURL == "" {
				return nil
			}
			return f.neverAsked([]string{"it is served under " + f.line.Header.BaseURL})
		},
	},
	{
		cause: NeverRefreshes,
		says:  "The dashboard has a refresh token, and never uses it.",
		fix:   "It is the dashboard's own fault: try another version (Headlamp 0.35 does so for sessions with a cookie, issue 3918).",
		shows: func(f facts) []string {
			if len(f.log) == 0 {
				return nil // it might say why
			}
			return f.neverAsked([]string{"nothing in the dashboard's log says why"})
		},
	},
}

// noRefreshToken: the code was exchanged, and Keycloak's event of it names no type
// of refresh token, as it does when it has given one.
func noRefreshToken(f facts) []string {
	exchanged, found := f.last(codeExchanged)
	if !found || exchanged.Identity.Details["refresh_token_type"] != "" {
		return nil
	}
	return []string{at(exchanged.At, "Keycloak stored CODE_TO_TOKEN without a refresh token")}
}

// neverAsked is unasked, but for a session that the suite ended on purpose: whoever
// looks at why it is over may find another reason.
func (f facts) neverAsked(why []string) []string {
	if f.ended() {
		return nil
	}
	return f.unasked(why)
}

// unasked returns that an expired token was refused and that Keycloak was not
// asked for another after it was issued, and why, when there is a reason why.
func (f facts) unasked(why []string) []string {
	refused, found := f.refusedOld()
	if !found || len(why) == 0 {
		return nil
	}
	token := refused.Request.Bearer
	shown := f.notRenewed(refused.At, token, token.IssuedAt.Add(issuing), "its issue")
	if shown == nil {
		return nil
	}
	return append(shown, why...)
}

// replicas are those that the session's requests reached, or that gave the session.
func (f facts) replicas() []string {
	var replicas []string
	for _, event := range f.front {
		concerned := event.Request.CookieToken != nil || slices.ContainsFunc(event.Request.SetCookies, timeline.Cookie.GivesToken)
		if replica := event.Request.Replica; replica != "" && concerned && !slices.Contains(replicas, replica) {
			replicas = append(replicas, replica)
		}
	}
	return replicas
}
