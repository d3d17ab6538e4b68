package redact

import (
	"net/url"
	"regexp"
	"strings"
)

// jwt matches a signed JSON Web Token: three base64url parts, of which the
// first is a JSON object and so begins with "eyJ".
var jwt = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)

// assignment matches a secret's name and its value as they stand in URLs,
// forms, JSON, HTML and logs.
var assignment = regexp.MustCompile(`(?i)\b(` +
	`code|state|nonce|session_code|session_state|tab_id|client_data|code_verifier|` +
	`access_token|id_token|refresh_token|id_token_hint|token|` +
	`client_secret|password|secret)(["']?\s*(?:=|:|%3D)\s*["']?)([A-Za-z0-9_\-.~%+/]{8,})`)

// bearer matches an Authorization header's or a WebSocket protocol's credential.
var bearer = regexp.MustCompile(`(?i)(bearer[ .]|base64url\.bearer\.authorization\.k8s\.io\.)([A-Za-z0-9_\-.~+/=]{8,})`)

// cookie matches the session cookies of Headlamp and of Keycloak.
var cookie = regexp.MustCompile(`((?:headlamp-auth-[\w.-]+|oauthState|KEYCLOAK_[A-Z_]+|AUTH_SESSION_ID|KC_[A-Z_]+)=)([^;,\s"']+)`)

// sensitive are the query parameters whose values never leave this package.
var sensitive = map[string]bool{
	"code": true, "state": true, "nonce": true, "session_code": true, "session_state": true,
	"tab_id": true, "client_data": true, "code_verifier": true, "code_challenge": true,
	"access_token": true, "id_token": true, "refresh_token": true, "id_token_hint": true,
	"token": true, "client_secret": true, "password": true, "secret": true, "execution": true, "key": true,
}

// Text returns text with every token and secret in it replaced by its hash.
func Text(text string) string {
	text = jwt.ReplaceAllStringFunc(text, mark)
	text = bearer.ReplaceAllStringFunc(text, func(match string) string {
		parts := bearer.FindStringSubmatch(match)
		return parts[1] + mark(parts[2])
	})
	text = cookie.ReplaceAllStringFunc(text, func(match string) string {
		parts := cookie.FindStringSubmatch(match)
		return parts[1] + mark(parts[2])
	})
	return assignment.ReplaceAllStringFunc(text, func(match string) string {
		parts := assignment.FindStringSubmatch(match)
		return parts[1] + parts[2] + mark(parts[3])
	})
}

// Tokens returns every signed JSON Web Token that stands in text, redacted.
func Tokens(text string) []Token {
	var found []Token
	for _, raw := range jwt.FindAllString(text, -1) {
		found = append(found, ParseToken(raw))
	}
	return found
}

// URL returns raw with the values of sensitive query parameters replaced by
// their hashes, and the fragment too, for it may carry tokens.
func URL(raw string) string {
	parsed, err := url.Parse(raw)
	if err != nil {
		return Text(raw)
	}
	if parsed.User != nil {
		parsed.User = url.User("redacted")
	}
	if parsed.RawQuery != "" {
		pairs := strings.Split(parsed.RawQuery, "&")
		for i, pair := range pairs {
			name, value, found := strings.Cut(pair, "=")
			if found && value != "" && sensitive[strings.ToLower(name)] {
				pairs[i] = name + "=" + mark(value)
			}
		}
		parsed.RawQuery = strings.Join(pairs, "&")
	}
	if strings.Contains(parsed.Fragment, "=") {
		parsed.Fragment, parsed.RawFragment = mark(parsed.Fragment), ""
	}
	return Text(parsed.String())
}

// mark replaces a secret, and leaves alone what has been replaced before.
func mark(secret string) string {
	if strings.HasPrefix(secret, "redacted-") {
		return secret
	}
	return "redacted-" + Hash(secret)
}
