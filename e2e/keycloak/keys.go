package keycloak

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

const (
	keyProviderType = "org.keycloak.keys.KeyProvider"
	// rotatedKey is the name of the key that RotateKeys adds, by which the next
	// lease finds it.
	rotatedKey = "rotated"
	// rotatedPriority is higher than realm.KeyPriority.
	rotatedPriority = "200"
	// lentKey is the name of the key that LendKey adds, of no priority.
	lentKey      = "lent"
	lentPriority = "0"
)

// RotateKeys has the realm sign with a new key from now on. Tokens that the
// former ones signed stay good: it goes on publishing those. The next lease takes
// the new one away.
func (r *Realm) RotateKeys(ctx context.Context) error {
	key, err := realm.NewSigningKey()
	if err != nil {
		return err
	}
	return r.addKey(ctx, rotatedKey, key, rotatedPriority, true)
}

// LendKey has the realm publish a key that it signs nothing with, and returns it:
// who has it makes tokens that are wrong in one thing, and not in their signature.
// WithdrawKey, or the next lease, takes it away.
func (r *Realm) LendKey(ctx context.Context) (*rsa.PrivateKey, error) {
	encoded, err := realm.NewSigningKey()
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode([]byte(encoded))
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the key to lend: %w", err)
	}
	key, isRSA := parsed.(*rsa.PrivateKey)
	if !isRSA {
		return nil, errors.New("the key to lend is no RSA key")
	}
	return key, r.addKey(ctx, lentKey, encoded, lentPriority, false)
}

// WithdrawKey has the realm publish no more the key that it lent.
func (r *Realm) WithdrawKey(ctx context.Context) error { return r.removeKeys(ctx, lentKey) }

func (r *Realm) addKey(ctx context.Context, name, key, priority string, signs bool) error {
	// Without a parent it is the realm's.
	return r.change(ctx, http.MethodPost, "components", map[string]any{
		"name": name, "providerId": "rsa", "providerType": keyProviderType,
		"config": map[string][]string{
			"privateKey": {key}, "algorithm": {"RS256"}, "priority": {priority}, "enabled": {"true"}, "active": {strconv.FormatBool(signs)},
		},
	})
}

// removeAddedKeys takes away what RotateKeys and LendKey added.
func (r *Realm) removeAddedKeys(ctx context.Context) error {
	return errors.Join(r.removeKeys(ctx, rotatedKey), r.removeKeys(ctx, lentKey))
}

func (r *Realm) removeKeys(ctx context.Context, name string) error {
	var keys []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	if err := r.get(ctx, "components", url.Values{"type": {keyProviderType}, "name": {name}}, &keys); err != nil {
		return err
	}
	for _, key := range keys {
		if key.Name != name {
			return fmt.Errorf("the realm %s has a key %q, which nobody asked for by that name", r.Name, key.Name)
		}
		if err := r.change(ctx, http.MethodDelete, "components/"+key.ID, nil); err != nil {
			return err
		}
	}
	return nil
}
