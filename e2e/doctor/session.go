package doctor

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"golang.org/x/oauth2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// idToken is the raw ID token, which Headlamp sends to the API server.
func idToken(tokens *oauth2.Token) string {
	raw, _ := tokens.Extra("id_token").(string)
	return raw
}

// claims looks at the ID token as the API server would.
func (e *examination) claims(ctx context.Context) bool {
	const name = "claims"
	raw := idToken(e.tokens)
	if raw == "" {
		return e.wrong(name, "", "Keycloak gave no ID token: the scope openid is missing")
	}
	expired := (*oidc.TokenExpiredError)(nil)
	switch _, err := e.provider.Verifier(&oidc.Config{ClientID: e.target.ClientID}).Verify(ctx, raw); {
	case errors.As(err, &expired):
		return e.wrong(name, diagnosis.ClockOff, "by this machine's clock, the ID token that Keycloak has just given ended at %s", expired.Expiry.UTC().Format(time.RFC3339))
	case err != nil:
		return e.wrong(name, diagnosis.WrongAudience, "the ID token is not one for the client: %v", err)
	}
	token := redact.ParseToken(raw)
	said := "user " + token.Username + ", groups " + strings.Join(token.Groups, ", ") + ", lives " + token.Lifetime().String()
	switch {
	case token.Username == "":
		return e.wrong(name, diagnosis.NoUsername, "the ID token has no preferred_username")
	case len(token.Groups) == 0:
		e.note(name, Doubtful, diagnosis.NoGroups, "the ID token names no groups: RBAC can be bound to the user alone")
	case token.Lifetime() < shortLifetime:
		e.note(name, Doubtful, "", "%s: less than %s, so a page that loads slowly meets its end", said, shortLifetime)
	default:
		e.right(name, "%s", said)
	}
	return true
}

func (e *examination) apiTLS() *tls.Config {
	return &tls.Config{RootCAs: e.target.APIRoots, MinVersion: tls.VersionTLS12}
}

// askAPIServer asks the API server whom it takes the token's user for, and what
// the user may do.
func (e *examination) askAPIServer(ctx context.Context) bool {
	const name = "API server"
	if e.target.APIServer == "" {
		e.unchecked(name, "none was given: --api-server asks it whom it takes the user for")
		return true
	}
	config := &rest.Config{Host: e.target.APIServer, BearerToken: idToken(e.tokens), Timeout: answerTimeout}
	network := &http.Transport{TLSClientConfig: e.apiTLS(), Proxy: http.ProxyFromEnvironment}
	defer network.CloseIdleConnections()
	config.Transport = e.clocks.watch("the API server", network)
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		e.wrong(name, "", "%v", err)
		return true
	}
	review, err := client.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	switch {
	case apierrors.IsUnauthorized(err):
		e.wrong(name, diagnosis.TokenRefused, "it answers 401 to a token that was issued just now")
		return true
	case err != nil:
		e.wrong(name, "", "it cannot be asked: %v", err)
		return true
	}
	who := review.Status.UserInfo
	said := "it takes the user for " + who.Username + ", with the groups " + strings.Join(who.Groups, ", ")
	if token := redact.ParseToken(idToken(e.tokens)); len(token.Groups) > 0 && !slices.ContainsFunc(who.Groups, func(group string) bool {
		return slices.ContainsFunc(token.Groups, func(claimed string) bool { return strings.HasSuffix(group, claimed) })
	}) {
		e.wrong(name, diagnosis.NoGroups, "%s: none of the token's, so it reads another claim, or none", said)
		return true
	}
	access, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "list", Resource: "namespaces"}},
	}, metav1.CreateOptions{})
	switch {
	case err != nil:
		e.wrong(name, "", "%s, and cannot say what the user may do: %v", said, err)
	case !access.Status.Allowed:
		e.note(name, Doubtful, diagnosis.NoRights, "%s, who may not list namespaces", said)
	default:
		e.right(name, "%s, who may list namespaces", said)
	}
	return true
}

// refresh uses the refresh token, and then the former one again: as a dashboard
// does whose requests run side by side. At its end the session is logged out.
func (e *examination) refresh(ctx context.Context) bool {
	const name = "refresh"
	if e.tokens.RefreshToken == "" {
		return e.wrong(name, diagnosis.NoRefreshToken, "Keycloak gave no refresh token")
	}
	former := e.tokens.RefreshToken
	renew := func(token string) (*oauth2.Token, error) {
		return e.config.TokenSource(ctx, &oauth2.Token{RefreshToken: token, Expiry: time.Unix(1, 0)}).Token()
	}
	next, err := renew(former)
	if err != nil {
		return e.wrong(name, diagnosis.SessionOver, "Keycloak refuses the refresh token that it has just given: %v", err)
	}
	defer e.logOut(ctx, next.RefreshToken)
	if idToken(next) == "" {
		return e.wrong(name, "", "the refresh gives no ID token, which Headlamp sends to the API server (0.32 to 0.42 crash at it)")
	}
	if _, err := renew(former); err != nil {
		return e.note(name, Doubtful, diagnosis.RefreshTokenRaced, "it works once: a refresh token that was used is refused, and Headlamp uses one twice when requests run side by side")
	}
	return e.right(name, "it works, with a new ID token, and bears that one refresh token is used twice")
}

// logOut ends the session at Keycloak (OpenID Connect RP-Initiated Logout, as
// Keycloak does it for whoever has the refresh token). It is a courtesy: what is
// left ends by itself.
func (e *examination) logOut(ctx context.Context, refreshToken string) {
	var endpoints struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := e.provider.Claims(&endpoints); err != nil || endpoints.EndSession == "" {
		return
	}
	form := url.Values{"client_id": {e.target.ClientID}, "client_secret": {e.target.ClientSecret}, "refresh_token": {refreshToken}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoints.EndSession, strings.NewReader(form.Encode()))
	if err != nil {
		return
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if response, err := e.client.Do(request); err == nil {
		response.Body.Close()
	}
}
