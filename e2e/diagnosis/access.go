package diagnosis

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// accessRules name what keeps a user who has logged in from the cluster.
var accessRules = []rule{
	{
		cause: HeadersTooLarge,
		says:  "The session's cookie is larger than what a hop on the way takes.",
		fix:   "Raise the proxy's limit for request headers (nginx: large_client_header_buffers), or have Keycloak put fewer claims and groups into the ID token.",
		shows: headersTooLarge,
	},
	{
		cause: CookieDropped,
		says:  "The browser does not keep the session's cookie, or does not send it.",
		fix:   "Serve the dashboard over TLS, or have the proxy before it send X-Forwarded-Proto: https; and forward the base URL's path as it is.",
		shows: cookieDropped,
	},
	{
		cause: WrongAudience,
		says:  "The token is for another audience than the API server expects.",
		fix:   "API server: --oidc-client-id (or issuer.audiences of its authentication configuration) has to be the client's id, or Keycloak needs an audience mapper.",
		shows: func(f facts) []string {
			return f.refusedBecause(func(e timeline.Event) bool {
				return strings.Contains(e.Request.Error, "expected audience") || !slices.Contains(e.Request.Bearer.Audience, f.line.Header.Client)
			})
		},
	},
	{
		cause: WrongIssuer,
		says:  "The token's issuer is not, letter by letter, the one that the API server was told.",
		fix:   "API server: --oidc-issuer-url has to equal the token's iss: the same host, no trailing slash, https. Keycloak: set its hostname, so that it does not depend on who asks.",
		shows: func(f facts) []string {
			return f.refusedBecause(func(e timeline.Event) bool { return e.Request.Bearer.Issuer != f.line.Header.Issuer })
		},
	},
	{
		cause: NoUsername,
		says:  "The token has no claim that the API server could take the user's name from.",
		fix:   "Keycloak: give the client the scope profile, or the API server another --oidc-username-claim.",
		shows: func(f facts) []string {
			return f.refusedBecause(func(e timeline.Event) bool { return e.Request.Bearer.Username == "" })
		},
	},
	{
		cause: APIServerDistrust,
		says:  "The API server refuses every token, for it does not trust Keycloak's certificate, and so cannot fetch its keys.",
		fix:   "API server: give it the authority that issued the certificate, --oidc-ca-file (or issuer.certificateAuthority of its authentication configuration). It tries again every ten seconds.",
		shows: func(f facts) []string {
			refused := f.refusedBecause(func(timeline.Event) bool { return true })
			distrusts := said("the API server", f.apiServerLog, untrusted)
			if refused == nil || distrusts == nil {
				return nil
			}
			return append(refused, distrusts...)
		},
	},
	{
		cause: TokenRefused,
		says:  "The API server refuses a token that Keycloak has only just issued.",
		fix:   "API server: --oidc-issuer-url (the realm's), --oidc-client-id, and --oidc-ca-file when Keycloak's authority is a private one. Its own log says what it misses. Look at the clocks of both, too.",
		shows: func(f facts) []string { return f.refusedBecause(func(timeline.Event) bool { return true }) },
	},
	{
		cause: NoImpersonation,
		says:  "Whoever impersonates may not: the API server refuses the impersonation itself.",
		fix:   "RBAC: give the account that impersonates the verb impersonate on users and groups (and on userextras, when extras are sent).",
		shows: noImpersonation,
	},
	{
		cause: NamePrefixed,
		says:  "The API server knows the user by another name than the token says: it puts its issuer before it.",
		fix:   "API server: it puts --oidc-issuer-url and # before every name but an email address unless told otherwise. Give it --oidc-username-prefix=- for the bare name, or another prefix (or claimMappings.username.prefix of its authentication configuration), or write the prefixed name into RBAC.",
		shows: namePrefixed,
	},
	{
		cause: NoGroups,
		says:  "The token names none of the user's groups, so no rule of RBAC for a group counts.",
		fix:   "Keycloak, client, Client scopes, dedicated scope: add a Group Membership mapper, claim groups, full path off, in the ID token. API server: --oidc-groups-claim=groups.",
		shows: func(f facts) []string { return f.forbidden(func(groups []string) bool { return len(groups) == 0 }) },
	},
	{
		cause: GroupsWithPath,
		says:  "The token names the user's groups by their paths, with a slash before each, and no rule of RBAC is for a group of that name.",
		fix:   "Keycloak, client, Client scopes, dedicated scope, Group Membership mapper: switch Full group path off. Or bind roles to the names with the slash.",
		shows: func(f facts) []string {
			return f.forbidden(func(groups []string) bool {
				return len(groups) > 0 && !slices.ContainsFunc(groups, func(group string) bool { return !strings.HasPrefix(group, "/") })
			})
		},
	},
	{
		cause: NoRights,
		says:  "The API server knows the user, who has no right to what the page asks for.",
		fix:   "RBAC: bind a role to the user or to one of the groups, with the prefix that --oidc-username-prefix and --oidc-groups-prefix put before them.",
		shows: func(f facts) []string { return f.forbidden(func(groups []string) bool { return len(groups) > 0 }) },
	},
}

// headersTooLarge: a hop answered 431, be it the dashboard or one before it, of whose
// answer the page alone knows.
func headersTooLarge(f facts) []string {
	for _, event := range append(f.line.Of(timeline.Page, timeline.Responded), f.front...) {
		if event.Request != nil && event.Request.Status == http.StatusRequestHeaderFieldsTooLarge {
			path := event.Request.URL
			if address, err := url.Parse(path); err == nil {
				path = address.Path
			}
			return []string{at(event.At, "%s was answered 431", path)}
		}
	}
	return nil
}

// refusedBecause returns what shows that a fresh token was refused, when it fits.
func (f facts) refusedBecause(fits func(timeline.Event) bool) []string {
	refused, found := f.refusedYoung()
	if !found || !fits(refused) {
		return nil
	}
	token := refused.Request.Bearer
	evidence := []string{at(refused.At, "the token %s was answered 401, %.1f s after it was issued", token.Hash, refused.At.Sub(token.IssuedAt).Seconds())}
	evidence = append(evidence, "it says: issuer "+token.Issuer+", audience "+strings.Join(token.Audience, ", ")+", user "+token.Username)
	if refused.Request.Error != "" {
		evidence = append(evidence, "the impersonator said: "+excerpt(refused.Request.Error))
	}
	return evidence
}

// forbidden returns what shows that an own request of the user was answered 403,
// when the groups of its token fit, and no request was allowed that needs a right.
func (f facts) forbidden(fits func(groups []string) bool) []string {
	var evidence []string
	for _, event := range f.gate {
		token := event.Request.Bearer
		if token == nil || token.Issuer != f.line.Header.Issuer || !fits(token.Groups) || !needsRight(event.Request) {
			continue
		}
		switch event.Request.Status {
		case http.StatusOK, http.StatusCreated, http.StatusSwitchingProtocols:
			return nil
		case http.StatusForbidden:
			if evidence == nil {
				groups := "no group"
				if len(token.Groups) > 0 {
					groups = "the groups " + strings.Join(token.Groups, ", ")
				}
				address, _, _ := strings.Cut(event.Request.URL, "?")
				evidence = []string{at(event.At, "%s %s was answered 403, for %s with %s", event.Request.Method, address, token.Username, groups)}
			}
		}
	}
	return evidence
}

// needsRight says whether a request is one that a user without any binding is
// refused: not discovery, health or what everybody may ask about oneself.
func needsRight(request *timeline.Request) bool {
	path, _, _ := strings.Cut(request.URL, "?")
	if strings.Contains(path, "/selfsubject") || !strings.HasPrefix(path, "/api") {
		return false
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	return (parts[0] == "api" && len(parts) > 2) || (parts[0] == "apis" && len(parts) > 3)
}

// namePrefixed: the audit log has a request of the user's under the issuer and the
// name, where that was not to be; and it was forbidden, or the user was to be known
// exactly.
func namePrefixed(f facts) []string {
	prefixed := map[string]string{} // Audit-ID to the name in the audit log
	for _, event := range f.line.Of(timeline.Audit, timeline.Audited) {
		prefixed[event.Record.AuditID] = event.Record.User
	}
	asked := len(f.line.Of(timeline.Suite, timeline.WhoAmI)) > 0
	for _, event := range f.line.Of(timeline.Tap, timeline.Responded) {
		request, token := event.Request, event.Request.Bearer
		if token == nil || token.Issuer != f.line.Header.Issuer || token.Username == "" || f.line.Header.UsernamePrefix != "" {
			continue
		}
		known := prefixed[request.AuditID]
		if known == token.Issuer+"#"+token.Username && (asked || request.Status == http.StatusForbidden) {
			address, _, _ := strings.Cut(request.URL, "?")
			return []string{at(event.At, "%s %s was answered %d; the token says %s, and the audit log %s", request.Method, address, request.Status, token.Username, known)}
		}
	}
	return nil
}

func noImpersonation(f facts) []string {
	for _, event := range f.line.Of(timeline.Audit, timeline.Audited) {
		record := event.Record
		// A user who asks in the own name to be another is forging: nobody is to be given a right for that.
		if slices.Contains(f.line.Header.Usernames(), record.User) {
			continue
		}
		if record.Code == http.StatusForbidden && record.ImpersonatedUser == "" && f.askedToImpersonate(record.AuditID) {
			return []string{at(event.At, "the API server refused %s %s as %s, which asked to act as another", record.Verb, record.URI, record.User)}
		}
	}
	return nil
}

func (f facts) askedToImpersonate(auditID string) bool {
	return slices.ContainsFunc(f.line.Of(timeline.Tap, timeline.Responded), func(e timeline.Event) bool {
		return e.Request != nil && e.Request.AuditID == auditID && e.Request.Impersonation != nil
	})
}

// cookieDropped: the callback set a session's cookie, and no request to the cluster
// that came afterwards carried one.
func cookieDropped(f facts) []string {
	var evidence []string
	for _, event := range f.front {
		if evidence == nil {
			if slices.ContainsFunc(event.Request.SetCookies, timeline.Cookie.GivesToken) {
				evidence = []string{at(event.At, "the dashboard set a session's cookie")}
			}
			continue
		}
		if !f.line.Header.InCluster(event.Request.URL) {
			continue
		}
		if event.Request.CookieToken != nil {
			return nil
		}
		// 403 is what an API server answers to whom it takes for anonymous.
		status := event.Request.Status
		if len(evidence) == 1 && (status == http.StatusUnauthorized || status == http.StatusForbidden) {
			address, _, _ := strings.Cut(event.Request.URL, "?")
			evidence = append(evidence, at(event.At, "%s came without one, and was answered %d", address, status))
		}
	}
	if len(evidence) < 2 {
		return nil
	}
	return evidence
}
