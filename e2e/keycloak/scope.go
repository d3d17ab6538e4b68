package keycloak

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// optionalScopes are the scopes that a client may ask for (ClientRepresentation).
const optionalScopes = "optionalClientScopes"

// WithdrawScope takes an optional scope from the client headlamp: Keycloak refuses
// whoever asks for it. The next lease gives it back.
func (r *Realm) WithdrawScope(ctx context.Context, name string) error {
	return r.changeScope(ctx, http.MethodDelete, name)
}

// AssignScope lets the client headlamp ask for a scope.
func (r *Realm) AssignScope(ctx context.Context, name string) error {
	return r.changeScope(ctx, http.MethodPut, name)
}

func (r *Realm) changeScope(ctx context.Context, method, name string) error {
	client, err := r.client(ctx)
	if err != nil {
		return err
	}
	var scopes []struct{ ID, Name string }
	if err := r.get(ctx, "client-scopes", nil, &scopes); err != nil {
		return err
	}
	for _, scope := range scopes {
		if scope.Name == name {
			return r.change(ctx, method, fmt.Sprintf("clients/%s/optional-client-scopes/%s", client["id"], scope.ID), nil)
		}
	}
	return fmt.Errorf("the realm %s has no scope %q", r.Name, name)
}

// restoreScopes gives the client headlamp the optional scopes that it had when the
// run began. Writing its settings back does not: scopes have addresses of their own.
func (r *Realm) restoreScopes(ctx context.Context, was, present map[string]any) error {
	has, _ := present[optionalScopes].([]any)
	had, _ := was[optionalScopes].([]any)
	for _, scope := range had {
		if name, isName := scope.(string); isName && !slices.Contains(has, scope) {
			if err := r.AssignScope(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// TakeRoles takes all roles of the realm from a user, those that everybody gets
// included: offline_access is one of them.
func (r *Realm) TakeRoles(ctx context.Context, user User) error {
	const below = "/role-mappings/realm"
	var roles []map[string]any
	if err := r.get(ctx, "users/"+user.ID+below, nil, &roles); err != nil {
		return err
	}
	return r.change(ctx, http.MethodDelete, "users/"+user.ID+below, roles)
}

// CreateGroups makes groups below a group of their own, which is made, too. A user
// is put into one by the name <parent>/<name>. The next lease removes them.
func (r *Realm) CreateGroups(ctx context.Context, parent string, names []string) error {
	id, err := r.admin.call(ctx, http.MethodPost, r.Name+"/groups", nil, map[string]any{"name": parent}, nil)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := r.change(ctx, http.MethodPost, "groups/"+id+"/children", map[string]any{"name": name}); err != nil {
			return err
		}
	}
	return nil
}

// DeleteGroup removes a group with those below it: their members lose them.
func (r *Realm) DeleteGroup(ctx context.Context, name string) error {
	groups, err := r.groups(ctx)
	if err != nil {
		return err
	}
	id, found := groups[name]
	if !found {
		return fmt.Errorf("the realm %s has no group %q", r.Name, name)
	}
	return r.change(ctx, http.MethodDelete, "groups/"+id, nil)
}

// LeaveGroup takes a user out of a group.
func (r *Realm) LeaveGroup(ctx context.Context, user User, name string) error {
	groups, err := r.groups(ctx)
	if err != nil {
		return err
	}
	id, found := groups[name]
	if !found {
		return fmt.Errorf("the realm %s has no group %q", r.Name, name)
	}
	return r.change(ctx, http.MethodDelete, "users/"+user.ID+"/groups/"+id, nil)
}

// removeGroups removes the groups that are not the fixture's.
func (r *Realm) removeGroups(ctx context.Context) error {
	groups, err := r.groups(ctx)
	if err != nil {
		return err
	}
	fixed, err := realm.Groups()
	if err != nil {
		return err
	}
	for name, id := range groups {
		if slices.Contains(fixed, name) {
			continue
		}
		if err := r.change(ctx, http.MethodDelete, "groups/"+id, nil); err != nil {
			return err
		}
	}
	return nil
}

// groups are the ids of the groups that are below no other, by name.
func (r *Realm) groups(ctx context.Context) (map[string]string, error) {
	var groups []struct{ ID, Name string }
	if err := r.get(ctx, "groups", url.Values{"max": {"10000"}, "briefRepresentation": {"true"}}, &groups); err != nil {
		return nil, err
	}
	ids := map[string]string{}
	for _, group := range groups {
		ids[strings.TrimPrefix(group.Name, "/")] = group.ID
	}
	return ids, nil
}
