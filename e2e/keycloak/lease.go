package keycloak

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/filelock"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// LeaseOptions are what an installation asks of its realm.
type LeaseOptions struct {
	Lifetime     time.Duration // of a token, whole seconds
	RedirectURIs []string      // where the client headlamp may send the browser
}

// Realm is a leased realm.
type Realm struct {
	Name         string
	Issuer       string
	ClientID     string
	ClientSecret Secret

	admin *Admin
	lock  *filelock.Lock
}

// Lease leases a realm that no other installation has, puts it back to the
// fixture, and gives it the wanted lifetime and redirect URIs. The lease ends
// with Release or with the process.
func (a *Admin) Lease(ctx context.Context, options LeaseOptions) (*Realm, error) {
	for _, name := range a.endpoint.Realms {
		lock, err := filelock.Try(filepath.Join(a.endpoint.LeaseDir, name))
		if err != nil {
			return nil, err
		}
		if lock == nil {
			continue
		}
		leased := &Realm{
			Name: name, Issuer: a.endpoint.Issuer(name), ClientID: realm.Client,
			ClientSecret: Secret(a.secrets.Clients[realm.Client]), admin: a, lock: lock,
		}
		if err := leased.reset(ctx, options); err != nil {
			return nil, errors.Join(fmt.Errorf("put the realm %s back to its fixture: %w", name, err), lock.Release())
		}
		return leased, nil
	}
	return nil, fmt.Errorf("all %d realms are leased; run fewer scenarios at once", len(a.endpoint.Realms))
}

// Release ends the lease. The next lease resets the realm.
func (r *Realm) Release(context.Context) error { return r.lock.Release() }

// reset removes what earlier installations made, and puts back what they may
// have changed: users, sessions, events, realm and client settings.
func (r *Realm) reset(ctx context.Context, options LeaseOptions) error {
	var users []struct {
		ID string `json:"id"`
	}
	if err := r.get(ctx, "users", url.Values{"max": {"10000"}, "briefRepresentation": {"true"}}, &users); err != nil {
		return err
	}
	for _, user := range users {
		if err := r.change(ctx, http.MethodDelete, "users/"+user.ID, nil); err != nil {
			return err
		}
	}
	if err := r.change(ctx, http.MethodPost, "logout-all", nil); err != nil {
		return err
	}
	if err := r.restore(ctx, options); err != nil {
		return err
	}
	return r.ClearEvents(ctx)
}

// restore writes the fixture's settings over the realm's and its client's.
func (r *Realm) restore(ctx context.Context, options LeaseOptions) error {
	settings, clients, err := realm.Settings()
	if err != nil {
		return err
	}
	settings["realm"] = r.Name
	settings["accessTokenLifespan"] = int(options.Lifetime / time.Second)
	if err := r.change(ctx, http.MethodPut, "", settings); err != nil {
		return err
	}
	index := slices.IndexFunc(clients, func(c map[string]any) bool { return c["clientId"] == realm.Client })
	if index < 0 {
		return fmt.Errorf("the fixture has no client %q", realm.Client)
	}
	return r.UpdateClient(ctx, func(client map[string]any) {
		// The mappers too: Keycloak knows them by their names, and removes those
		// that are not among them.
		maps.Copy(client, clients[index])
		client["redirectUris"] = options.RedirectURIs
	})
}
