package keycloak

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/filelock"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// LeaseOptions are what an installation asks of its realm.
type LeaseOptions struct {
	Lifetime     time.Duration // of a token, whole seconds
	RedirectURIs []string      // where the client headlamp may send the browser
	Kind         realm.Kind    // of realm; none is realm.Plain
	// Relayed has the realm's users know Keycloak by the address of a relay. Only
	// plain realms can be.
	Relayed bool
}

// Realm is a leased realm.
type Realm struct {
	Name         string
	Kind         realm.Kind
	Issuer       string
	ClientID     string
	ClientSecret Secret

	admin   *Admin
	lock    *filelock.Lock
	options LeaseOptions
}

// Lease leases a realm that no other installation has, puts it back to what it
// was when the run began, and gives it the wanted lifetime and redirect URIs. Of a
// kind of which there are only a few it waits for one. The lease ends with Release or
// with the process.
func (a *Admin) Lease(ctx context.Context, options LeaseOptions) (*Realm, error) {
	options.Kind = cmp.Or(options.Kind, realm.Plain)
	if options.Relayed && options.Kind != realm.Plain {
		return nil, fmt.Errorf("a realm of the kind %s has no relay's address: the API server was told of it once", options.Kind)
	}
	name, lock, err := a.take(ctx, options.Kind)
	if err != nil {
		return nil, err
	}
	leased := &Realm{
		Name: name, Kind: options.Kind, Issuer: a.endpoint.Issuer(name), ClientID: realm.Client,
		ClientSecret: Secret(a.secrets.Clients[realm.Client]), admin: a, lock: lock, options: options,
	}
	if options.Relayed {
		leased.Issuer = a.endpoint.RelayedIssuer(name)
	}
	if err := leased.reset(ctx, options); err != nil {
		return nil, errors.Join(fmt.Errorf("put the realm %s back to what it was: %w", name, err), lock.Release())
	}
	return leased, nil
}

// take takes a realm of a kind that nobody has. There are as many plain ones as
// scenarios run at once, so it is a mistake when none is free.
func (a *Admin) take(ctx context.Context, kind realm.Kind) (name string, lock *filelock.Lock, err error) {
	if kind == realm.Plain {
		for _, name := range a.endpoint.Realms {
			if lock, err := filelock.Try(filepath.Join(a.endpoint.LeaseDir, name)); lock != nil || err != nil {
				return name, lock, err
			}
		}
		return "", nil, fmt.Errorf("all %d realms are leased; run fewer scenarios at once", len(a.endpoint.Realms))
	}
	few := a.endpoint.Few[kind]
	if len(few) == 0 {
		return "", nil, fmt.Errorf("there is no realm of the kind %s", kind)
	}
	paths := make([]string, len(few))
	for i, name := range few {
		paths[i] = filepath.Join(a.endpoint.LeaseDir, name)
	}
	lock, err = filelock.Take(ctx, paths...)
	if err != nil {
		return "", nil, fmt.Errorf("wait for one of %d realms of the kind %s: %w", len(few), kind, err)
	}
	return filepath.Base(lock.Path()), lock, nil
}

// Release ends the lease. The next lease resets the realm.
func (r *Realm) Release(context.Context) error { return r.lock.Release() }

// reset removes what earlier installations made, and puts back what they may
// have changed: users, sessions, keys, events, realm and client settings.
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
	if err := r.removeGroups(ctx); err != nil {
		return err
	}
	if err := r.change(ctx, http.MethodPost, "logout-all", nil); err != nil {
		return err
	}
	if err := r.removeAddedKeys(ctx); err != nil {
		return err
	}
	if err := r.restore(ctx, options); err != nil {
		return err
	}
	return r.ClearEvents(ctx)
}

// pristine is a realm and its client headlamp as the run found them.
type pristine struct {
	Realm  map[string]any `json:"realm"`  // Keycloak's RealmRepresentation
	Client map[string]any `json:"client"` // Keycloak's ClientRepresentation
}

// restore writes the pristine settings over the realm's and its client's. The
// fixture would not do: it leaves most of them to Keycloak, and what is left out
// of an update stays as an earlier installation made it.
func (r *Realm) restore(ctx context.Context, options LeaseOptions) error {
	was, err := r.pristine(ctx)
	if err != nil {
		return err
	}
	was.Realm["accessTokenLifespan"] = int(options.Lifetime / time.Second)
	if options.Relayed {
		attributes, _ := was.Realm["attributes"].(map[string]any)
		if attributes == nil {
			attributes = map[string]any{}
		}
		attributes[frontendURL] = r.admin.endpoint.RelayedURL(r.Name)
		was.Realm["attributes"] = attributes
	}
	if err := r.change(ctx, http.MethodPut, "", was.Realm); err != nil {
		return err
	}
	var present map[string]any
	err = r.UpdateClient(ctx, func(client map[string]any) {
		present = maps.Clone(client)
		// An attribute is removed by being empty, not by being left out.
		kept, _ := was.Client["attributes"].(map[string]any)
		attributes := map[string]any{}
		if present, ok := client["attributes"].(map[string]any); ok {
			for name := range present {
				attributes[name] = ""
			}
		}
		maps.Copy(attributes, kept)
		clear(client)
		maps.Copy(client, was.Client)
		client["attributes"] = attributes
		client["redirectUris"] = options.RedirectURIs
	})
	if err != nil {
		return err
	}
	return r.restoreScopes(ctx, was.Client, present)
}

// pristine reads the pristine settings from Keycloak at the realm's first lease
// in a run, and from then on from the file where it keeps them, which holds the
// client's secret. The lease is held, so nobody writes it at once.
func (r *Realm) pristine(ctx context.Context) (pristine, error) {
	path := r.pristineFile()
	var was pristine
	content, err := os.ReadFile(path)
	switch {
	case err == nil:
		if err := json.Unmarshal(content, &was); err != nil {
			return pristine{}, fmt.Errorf("read %s: %w", path, err)
		}
		return was, nil
	case !errors.Is(err, fs.ErrNotExist):
		return pristine{}, fmt.Errorf("read the realm's pristine settings: %w", err)
	}
	if err := r.get(ctx, "", nil, &was.Realm); err != nil {
		return pristine{}, err
	}
	if was.Client, err = r.clientAsFound(ctx); err != nil {
		return pristine{}, err
	}
	if content, err = json.Marshal(was); err != nil {
		return pristine{}, fmt.Errorf("encode the realm's pristine settings: %w", err)
	}
	// Whole or not at all: whoever leases next must not take a half for it.
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		return pristine{}, fmt.Errorf("keep the realm's pristine settings: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return pristine{}, fmt.Errorf("keep the realm's pristine settings: %w", err)
	}
	return was, nil
}

func (r *Realm) pristineFile() string {
	return filepath.Join(r.admin.endpoint.LeaseDir, r.Name+".json")
}
