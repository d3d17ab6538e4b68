package keycloak

import (
	"crypto/rand"
	"encoding/base64"
)

// Secret is a password or a client's secret. It prints as "[secret]" however
// it is printed.
type Secret string

// Reveal returns the secret itself, for the one who has to present it.
func (s Secret) Reveal() string { return string(s) }

// String hides the secret.
func (s Secret) String() string { return "[secret]" }

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return "[secret]" }

// MarshalText hides the secret from JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

func newSecret() Secret {
	random := make([]byte, 24)
	// Never fails (crypto/rand, Read).
	_, _ = rand.Read(random)
	return Secret(base64.RawURLEncoding.EncodeToString(random))
}
