package keycloak

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact/leak"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// User is a user of a realm. Without a password it gets a random one.
type User struct {
	ID       string
	Name     string
	Email    string // Name@example.org, when it is not given
	Password Secret
	Groups   []string // names; the fixture's, others are refused
}

// CreateUser makes a user who can log in at once: verified, with all that
// Keycloak asks of a profile.
func (r *Realm) CreateUser(ctx context.Context, user User) (User, error) {
	if user.Password == "" {
		user.Password = newSecret()
	}
	r.admin.ledger.Note(leak.UserPassword, user.Password.Reveal())
	id, err := r.admin.call(ctx, http.MethodPost, r.Name+"/users", nil, user.representation(), nil)
	if err != nil {
		return User{}, fmt.Errorf("make the user %s in %s: %w", user.Name, r.Name, err)
	}
	user.ID = id
	return user, nil
}

// representation is Keycloak's UserRepresentation, without an id.
func (u User) representation() map[string]any {
	return map[string]any{
		"username": u.Name, "enabled": true, "emailVerified": true,
		"email": cmp.Or(u.Email, u.Name+"@example.org"), "firstName": "Test", "lastName": "User",
		"groups":      u.Groups,
		"credentials": []any{map[string]any{"type": "password", "value": u.Password.Reveal(), "temporary": false}},
	}
}

// DeleteUser removes a user and the user's sessions.
func (r *Realm) DeleteUser(ctx context.Context, user User) error {
	return r.change(ctx, http.MethodDelete, "users/"+user.ID, nil)
}

// EndSessions ends all sessions of a user, as an administrator does. Tokens
// that were issued live until they expire.
func (r *Realm) EndSessions(ctx context.Context, user User) error {
	return r.change(ctx, http.MethodPost, "users/"+user.ID+"/logout", nil)
}

// EndSSOSessions ends the single sign-on sessions of a user one by one, as an
// administrator does in the list of sessions. Unlike EndSessions it leaves the
// user's offline sessions alone. Keycloak 26 keeps none beside an offline one.
func (r *Realm) EndSSOSessions(ctx context.Context, user User) error {
	var sessions []struct {
		ID string `json:"id"`
	}
	if err := r.get(ctx, "users/"+user.ID+"/sessions", nil, &sessions); err != nil {
		return err
	}
	for _, session := range sessions {
		if err := r.change(ctx, http.MethodDelete, "sessions/"+session.ID, nil); err != nil {
			return err
		}
	}
	return nil
}

// DisableUser keeps a user from getting tokens. Those that were issued live until
// they expire.
func (r *Realm) DisableUser(ctx context.Context, user User) error {
	var settings map[string]any
	if err := r.get(ctx, "users/"+user.ID, nil, &settings); err != nil {
		return err
	}
	settings["enabled"] = false
	return r.change(ctx, http.MethodPut, "users/"+user.ID, settings)
}

// Sessions counts the sessions of a user.
func (r *Realm) Sessions(ctx context.Context, user User) (int, error) {
	var sessions []json.RawMessage
	err := r.get(ctx, "users/"+user.ID+"/sessions", nil, &sessions)
	return len(sessions), err
}

// SetLifetime sets how long tokens live from now on, in whole seconds.
func (r *Realm) SetLifetime(ctx context.Context, lifetime time.Duration) error {
	return r.Update(ctx, func(settings map[string]any) {
		settings["accessTokenLifespan"] = int(lifetime / time.Second)
	})
}

// Update changes the realm's settings (Keycloak's RealmRepresentation).
func (r *Realm) Update(ctx context.Context, change func(settings map[string]any)) error {
	var settings map[string]any
	if err := r.get(ctx, "", nil, &settings); err != nil {
		return err
	}
	change(settings)
	return r.change(ctx, http.MethodPut, "", settings)
}

// UpdateClient changes the client headlamp (Keycloak's ClientRepresentation).
func (r *Realm) UpdateClient(ctx context.Context, change func(client map[string]any)) error {
	client, err := r.client(ctx)
	if err != nil {
		return err
	}
	change(client)
	id, _ := client["id"].(string)
	return r.change(ctx, http.MethodPut, "clients/"+id, client)
}

// client is the client headlamp, under whatever id it goes by meanwhile.
func (r *Realm) client(ctx context.Context) (map[string]any, error) {
	was, err := r.pristine(ctx)
	if err != nil {
		return nil, err
	}
	var client map[string]any
	id, _ := was.Client["id"].(string)
	err = r.get(ctx, "clients/"+id, nil, &client)
	return client, err
}

// clientAsFound is the client headlamp of a realm that nothing was changed in.
func (r *Realm) clientAsFound(ctx context.Context) (map[string]any, error) {
	var clients []map[string]any
	if err := r.get(ctx, "clients", url.Values{"clientId": {realm.Client}}, &clients); err != nil {
		return nil, err
	}
	if len(clients) != 1 {
		return nil, fmt.Errorf("the realm %s has %d clients %q", r.Name, len(clients), realm.Client)
	}
	return clients[0], nil
}

// Token returns an ID token of a user for the stand's own use: to prove that
// the API server accepts tokens of this realm. It takes no browser.
func (r *Realm) Token(ctx context.Context, user User) (string, error) {
	form := url.Values{
		"grant_type": {"password"}, "scope": {"openid"},
		"client_id": {realm.Probe}, "client_secret": {r.admin.secrets.Clients[realm.Probe]},
		"username": {user.Name}, "password": {user.Password.Reveal()},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost,
		r.Issuer+"/protocol/openid-connect/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := r.admin.plain.Do(request)
	if err != nil {
		return "", fmt.Errorf("get a token of the realm %s: %w", r.Name, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	if err != nil {
		return "", fmt.Errorf("get a token of the realm %s: %w", r.Name, err)
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("get a token of the realm %s: %s %s", r.Name, response.Status, messageOf(answer))
	}
	var tokens struct {
		IDToken      string `json:"id_token"`
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
	}
	// The answer holds tokens: an error must not quote it.
	if json.Unmarshal(answer, &tokens) != nil || tokens.IDToken == "" {
		return "", errors.New("get a token of the realm " + r.Name + ": the answer has no ID token")
	}
	for _, token := range []string{tokens.IDToken, tokens.AccessToken, tokens.RefreshToken} {
		r.admin.ledger.Note(leak.TokenKind(token), token)
	}
	return tokens.IDToken, nil
}

func (r *Realm) get(ctx context.Context, below string, query url.Values, result any) error {
	_, err := r.admin.call(ctx, http.MethodGet, strings.TrimSuffix(r.Name+"/"+below, "/"), query, nil, result)
	return err
}

func (r *Realm) change(ctx context.Context, method, below string, body any) error {
	_, err := r.admin.call(ctx, method, strings.TrimSuffix(r.Name+"/"+below, "/"), nil, body, nil)
	return err
}
