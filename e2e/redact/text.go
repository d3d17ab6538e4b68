package redact

import (
	"net/url"
	"regexp"
	"strings"
)

// jwt matches a signed JSON Web Token: three base64url parts, of which the
// first is a JSON object and so begins with "eyJ".
var jwt = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)

// compact matches signed and encrypted JSON Web Tokens (RFC 7516: five parts,
// of which the second may be empty), and whatever is joined to them.
var compact = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*`)

// Text returns text with every token and secret in it replaced by its hash.
func Text(text string) string {
	text = compact.ReplaceAllStringFunc(text, mark)
	return assignments(cookies(credentials(text)))
}

// Tokens returns every signed JSON Web Token that stands in text, redacted.
func Tokens(text string) []Token {
	var found []Token
	for _, raw := range jwt.FindAllString(text, -1) {
		found = append(found, ParseToken(raw))
	}
	return found
}

// sensitive are the query parameters whose values never leave this package.
var sensitive = map[string]bool{
	"code": true, "state": true, "nonce": true, "session_code": true, "session_state": true,
	"tab_id": true, "client_data": true, "code_verifier": true, "code_challenge": true,
	"access_token": true, "id_token": true, "refresh_token": true, "id_token_hint": true, "logout_token": true,
	"token": true, "client_secret": true, "client_assertion": true, "assertion": true, "device_code": true,
	"password": true, "secret": true, "execution": true, "key": true,
}

// URL returns raw with the values of sensitive query parameters replaced by
// their hashes, and the fragment too, for it may carry tokens.
func URL(raw string) string {
	// Before anything else, for parsing can change a token's first letters: they
	// look like an escaped character behind "%0".
	raw = compact.ReplaceAllStringFunc(raw, mark)
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
			if plain, err := url.QueryUnescape(name); err == nil {
				name = plain
			}
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

var marked = regexp.MustCompile(`^redacted-[0-9a-f]{12}$`)

// mark replaces a secret, and leaves alone what has been replaced before.
func mark(secret string) string {
	if marked.MatchString(secret) {
		return secret
	}
	return "redacted-" + Hash(secret)
}
