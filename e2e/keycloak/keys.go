package keycloak

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

const (
	keyProviderType = "org.keycloak.keys.KeyProvider"
	// rotatedKey is the name of the key that RotateKeys adds, by which the next
	// lease finds it.
	rotatedKey = "rotated"
	// rotatedPriority is higher than realm.KeyPriority.
	rotatedPriority = "200"
)

// RotateKeys has the realm sign with a new key from now on. Tokens that the
// former ones signed stay good: it goes on publishing those. The next lease takes
// the new one away.
func (r *Realm) RotateKeys(ctx context.Context) error {
	key, err := realm.NewSigningKey()
	if err != nil {
		return err
	}
	// Without a parent it is the realm's.
	return r.change(ctx, http.MethodPost, "components", map[string]any{
		"name": rotatedKey, "providerId": "rsa", "providerType": keyProviderType,
		"config": map[string][]string{
			"privateKey": {key}, "algorithm": {"RS256"}, "priority": {rotatedPriority}, "enabled": {"true"}, "active": {"true"},
		},
	})
}

// removeRotatedKeys takes away what RotateKeys added.
func (r *Realm) removeRotatedKeys(ctx context.Context) error {
	var keys []struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	if err := r.get(ctx, "components", url.Values{"type": {keyProviderType}, "name": {rotatedKey}}, &keys); err != nil {
		return err
	}
	for _, key := range keys {
		if key.Name != rotatedKey {
			return fmt.Errorf("the realm %s has a key %q, which nobody asked for by that name", r.Name, key.Name)
		}
		if err := r.change(ctx, http.MethodDelete, "components/"+key.ID, nil); err != nil {
			return err
		}
	}
	return nil
}
