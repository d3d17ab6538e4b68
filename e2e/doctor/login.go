package doctor

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// authorize begins a login, as the dashboard would, and sees that Keycloak asks
// for a password.
func (e *examination) authorize(ctx context.Context) bool {
	const name = "redirect URI and scopes"
	back, page, err := rawclient.Authorize(ctx, e.client, e.config.AuthCodeURL("doctor"))
	text := string(page.Body)
	switch {
	case err != nil:
		return e.wrong(name, diagnosis.IssuerUnreachable, "%v", err)
	case back != nil && back.Query().Get("error") != "":
		said := back.Query().Get("error") + ": " + back.Query().Get("error_description")
		if strings.Contains(strings.ToLower(said), "scope") {
			return e.wrong(name, diagnosis.ScopesRefused, "Keycloak refuses the scopes %s: %s", strings.Join(e.config.Scopes, " "), said)
		}
		return e.wrong(name, "", "Keycloak refuses to ask for a password: %s", said)
	case page.Status == http.StatusOK:
		return e.right(name, "Keycloak asks for a password, and would send the browser back to %s", e.target.RedirectURI)
	case strings.Contains(text, "redirect_uri"):
		return e.wrong(name, diagnosis.RedirectURI, "Keycloak refuses the redirect URI %s", e.target.RedirectURI)
	case strings.Contains(text, "Client not found"), strings.Contains(text, "Client disabled"):
		return e.wrong(name, diagnosis.ClientUnknown, "Keycloak has no enabled client %s in this realm", e.target.ClientID)
	default:
		return e.wrong(name, "", "Keycloak answered %s", page)
	}
}

// authenticate shows Keycloak the client's secret with a code that is none: whom
// it knows it tells that the code is wrong.
func (e *examination) authenticate(ctx context.Context) bool {
	const name = "client secret"
	_, err := e.config.Exchange(ctx, "none")
	var answer *oauth2.RetrieveError
	switch {
	case !errors.As(err, &answer):
		return e.wrong(name, diagnosis.IssuerUnreachable, "the token endpoint did not answer: %v", err)
	case answer.ErrorCode == "invalid_grant":
		return e.right(name, "Keycloak takes it for the client's")
	case answer.ErrorCode == "unauthorized_client", answer.ErrorCode == "invalid_client":
		return e.wrong(name, diagnosis.ClientSecret, "Keycloak refuses it: %s", answer.ErrorDescription)
	default:
		return e.wrong(name, "", "Keycloak answered %s: %s", answer.ErrorCode, answer.ErrorDescription)
	}
}

// logIn logs the test user in and exchanges the code.
func (e *examination) logIn(ctx context.Context) bool {
	const name = "login"
	if e.target.Username == "" {
		e.unchecked(name, "no user was given: --username and --password-file check the rest")
		return false
	}
	verifier := oauth2.GenerateVerifier()
	address := e.config.AuthCodeURL("doctor", oauth2.S256ChallengeOption(verifier))
	_, page, err := rawclient.Authorize(ctx, e.client, address)
	if err != nil {
		return e.wrong(name, "", "%v", err)
	}
	back, after, err := rawclient.SubmitLogin(ctx, e.client, e.target.Issuer, address, page, e.target.Username, e.target.Password)
	switch {
	case err != nil:
		return e.wrong(name, "", "%v", err)
	case back == nil && after.Status == http.StatusOK:
		return e.wrong(name, "", "Keycloak shows its form again: the password is wrong, or it wants something else of the user first")
	case back == nil:
		return e.wrong(name, "", "Keycloak answered %s", after)
	case back.Query().Get("code") == "":
		return e.wrong(name, "", "Keycloak gave no code: %s", outcome(back))
	}
	asked := time.Now()
	tokens, err := e.config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
	var answer *oauth2.RetrieveError
	switch {
	case errors.As(err, &answer) && strings.Contains(answer.ErrorDescription, "Offline tokens"):
		return e.wrong(name, diagnosis.OfflineRefused, "the code became no token: %s", answer.ErrorDescription)
	case err != nil:
		return e.wrong(name, "", "the code became no token: %v", err)
	}
	if token := redact.ParseToken(idToken(tokens)); !token.IssuedAt.IsZero() {
		e.clocks.note("Keycloak", token.IssuedAt, asked, time.Now())
	}
	e.tokens = tokens
	return e.right(name, "%s logged in, and the code became tokens", e.target.Username)
}

// outcome is what an address says of a login that gave no code.
func outcome(back *url.URL) string {
	if said := back.Query().Get("error"); said != "" {
		return said + ": " + back.Query().Get("error_description")
	}
	return "it sends the browser to " + back.Scheme + "://" + back.Host + back.Path + " first (something is required of the user)"
}
