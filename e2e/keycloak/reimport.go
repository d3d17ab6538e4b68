package keycloak

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"

	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// Reimport imports the realm anew with overwrite, as an administrator does, with
// these of its users as they were: who they are and their passwords stay, their
// sessions, the realm's keys and its stored events are gone.
func (r *Realm) Reimport(ctx context.Context, users ...User) error {
	content, err := realm.Render(r.Name, r.admin.secrets.Clients)
	if err != nil {
		return err
	}
	var imported map[string]any
	if err := json.Unmarshal(content, &imported); err != nil {
		return fmt.Errorf("read the realm's rendered fixture: %w", err)
	}
	accounts := make([]any, len(users))
	for i, user := range users {
		account := user.representation()
		account["id"] = user.ID
		accounts[i] = account
	}
	imported["users"] = accounts
	if err := r.change(ctx, http.MethodDelete, "", nil); err != nil {
		return err
	}
	if _, err := r.admin.call(ctx, http.MethodPost, "", nil, imported, nil); err != nil {
		return fmt.Errorf("import the realm %s: %w", r.Name, err)
	}
	// Everything in it has a new id.
	if err := os.Remove(r.pristineFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget the realm's pristine settings: %w", err)
	}
	return r.restore(ctx, r.options)
}
