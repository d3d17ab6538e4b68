package redact

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// hashLength is the number of hexadecimal digits kept of a secret's SHA-256:
// enough to tell the tokens of one run apart, useless for anything else.
const hashLength = 12

// Hash returns a short, one-way name for a secret. The empty secret has none.
func Hash(secret string) string {
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])[:hashLength]
}

// Token is what is kept of a bearer token: a name for it and those claims that
// say whose it is and how long it lives (RFC 7519, OpenID Connect Core 2).
type Token struct {
	Hash string `json:"hash"`
	// KeyID names the key that signed it, as the issuer publishes it with the key
	// (RFC 7515, 4.1.4).
	KeyID     string    `json:"kid,omitempty"`
	Issuer    string    `json:"iss,omitempty"`
	Subject   string    `json:"sub,omitempty"`
	Audience  []string  `json:"aud,omitempty"`
	Party     string    `json:"azp,omitempty"`
	Type      string    `json:"typ,omitempty"`
	Username  string    `json:"preferred_username,omitempty"`
	Groups    []string  `json:"groups,omitempty"`
	IssuedAt  time.Time `json:"iat,omitzero"`
	ExpiresAt time.Time `json:"exp,omitzero"`
}

// Lifetime is how long the token lives from its issue, or 0 when it does not
// say.
func (t Token) Lifetime() time.Duration {
	if t.IssuedAt.IsZero() || t.ExpiresAt.IsZero() {
		return 0
	}
	return t.ExpiresAt.Sub(t.IssuedAt)
}

// ParseToken keeps what may be kept of a token. A token that is no JWT keeps
// its hash alone. Signatures are not checked: this is a witness, not a guard.
func ParseToken(raw string) Token {
	token := Token{Hash: Hash(raw)}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return token
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return token
	}
	var claims struct {
		Issuer   string   `json:"iss"`
		Subject  string   `json:"sub"`
		Audience audience `json:"aud"`
		Party    string   `json:"azp"`
		Type     string   `json:"typ"`
		Username string   `json:"preferred_username"`
		Groups   []string `json:"groups"`
		Issued   seconds  `json:"iat"`
		Expires  seconds  `json:"exp"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return token
	}
	token.KeyID = keyID(parts[0])
	token.Issuer = claims.Issuer
	token.Subject = claims.Subject
	token.Audience = claims.Audience
	token.Party = claims.Party
	token.Type = claims.Type
	token.Username = claims.Username
	token.Groups = claims.Groups
	token.IssuedAt = claims.Issued.time()
	token.ExpiresAt = claims.Expires.time()
	return token
}

// keyID is what a JWT's header says of the key, or nothing.
func keyID(encoded string) string {
	header, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(encoded, "="))
	if err != nil {
		return ""
	}
	var named struct {
		KeyID string `json:"kid"`
	}
	if json.Unmarshal(header, &named) != nil {
		return ""
	}
	return named.KeyID
}

// audience is a string or a list of strings (RFC 7519, 4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(data []byte) error {
	var one string
	if err := json.Unmarshal(data, &one); err == nil {
		*a = audience{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(data, &many); err != nil {
		return err
	}
	*a = many
	return nil
}

// seconds is a NumericDate, which may have a fraction (RFC 7519, 2).
type seconds float64

// The largest date that JSON can carry again: year 9999.
const latest = seconds(253402300799)

func (s seconds) time() time.Time {
	if s <= 0 || s > latest {
		return time.Time{}
	}
	return time.UnixMilli(int64(float64(s) * 1000)).UTC()
}
