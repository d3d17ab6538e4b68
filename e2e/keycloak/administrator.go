package keycloak

import (
	"context"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// administrator is the name of the account that administers every realm, a
// client's or a user's.
const administrator = "stand"

// asClient gets tokens as a client that has an account of its own.
func asClient(ctx context.Context, tokenURL string, secret Secret) oauth2.TokenSource {
	credentials := clientcredentials.Config{ClientID: administrator, ClientSecret: secret.Reveal(), TokenURL: tokenURL}
	return credentials.TokenSource(ctx)
}

// asUser gets tokens as a user, with a password each time: they live for a minute,
// and a session that ended would be one more thing to mind. Tokens of the client
// admin-cli name no roles; Keycloak looks those of its user up. Those of another
// client name all roles in each realm, which is more than a request may carry.
func asUser(ctx context.Context, tokenURL string, secret Secret) oauth2.TokenSource {
	return oauth2.ReuseTokenSource(nil, passwordSource{ctx, oauth2.Config{
		ClientID: "admin-cli", Endpoint: oauth2.Endpoint{TokenURL: tokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}, secret})
}

type passwordSource struct {
	ctx    context.Context // holds the HTTP client, as oauth2 wants it
	config oauth2.Config
	secret Secret
}

func (s passwordSource) Token() (*oauth2.Token, error) {
	return s.config.PasswordCredentialsToken(s.ctx, administrator, s.secret.Reveal())
}
