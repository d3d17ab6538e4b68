package impersonator

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	"k8s.io/apiserver/pkg/authentication/request/union"
	"k8s.io/apiserver/pkg/authentication/request/websocket"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/wire"
)

const (
	// issuerTimeout is the longest that the issuer may take for one answer.
	issuerTimeout = 30 * time.Second
	// readyInterval is how often the authenticator is asked whether it is ready:
	// it has no way to tell.
	readyInterval = 20 * time.Millisecond
)

var errNoToken = errors.New("the request carries no bearer token")

// newAuthenticator returns the API server's own authenticator for one issuer. It
// keeps no result: unlike the API server, which remembers an accepted token for
// ten seconds, it refuses one from the moment of its expiry. It works until the
// context ends.
func newAuthenticator(lifecycle context.Context, issuer cluster.Issuer, client *http.Client) (oidc.AuthenticatorTokenWithHealthCheck, error) {
	made, err := oidc.New(lifecycle, oidc.Options{
		JWTAuthenticator: apiserver.JWTAuthenticator{
			Issuer: apiserver.Issuer{URL: issuer.URL, Audiences: []string{issuer.Audience}},
			ClaimMappings: apiserver.ClaimMappings{
				Username: apiserver.PrefixedClaimOrExpression{Claim: issuer.UsernameClaim, Prefix: &issuer.UsernamePrefix},
				Groups:   apiserver.PrefixedClaimOrExpression{Claim: issuer.GroupsClaim, Prefix: &issuer.GroupsPrefix},
			},
		},
		Client: client,
		// As kube-apiserver does for issuers of its authentication configuration.
		SupportedSigningAlgs: oidc.AllValidSigningAlgorithms(),
	})
	if err != nil {
		return nil, fmt.Errorf("make the authenticator for the issuer %s: %w", issuer.URL, err)
	}
	return made, nil
}

// rootsOf reads the authority that vouches for an issuer.
func rootsOf(issuer cluster.Issuer) (*x509.CertPool, error) {
	authority, err := os.ReadFile(issuer.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read the authority of the issuer %s: %w", issuer.URL, err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("read the authority of the issuer %s: %s holds no certificate", issuer.URL, issuer.CAFile)
	}
	return roots, nil
}

// requests makes an authenticator of requests out of one of tokens, as the API
// server does: a token comes in the Authorization header, or as a WebSocket's
// subprotocol.
func requests(tokens authenticator.Token) authenticator.Request {
	return union.New(bearertoken.New(tokens), websocket.NewProtocolAuthenticator(tokens))
}

// Ready waits until the impersonator has found its issuer, and then has it check
// a real token of the issuer, which makes it fetch the issuer's keys. It fails
// at once when that token is refused. Nothing of this is recorded.
func (i *Impersonator) Ready(ctx context.Context, token string) error {
	err := wait.PollUntilContextCancel(ctx, readyInterval, true, func(context.Context) (bool, error) {
		return i.tokens.HealthCheck() == nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait until the impersonator knows its issuer: %w", errors.Join(context.Cause(ctx), i.tokens.HealthCheck()))
	}
	switch _, accepted, err := i.tokens.AuthenticateToken(ctx, token); {
	case err != nil:
		return fmt.Errorf("have the impersonator check a token of the issuer %s: %s", i.issuer, redact.Text(err.Error()))
	case !accepted:
		return fmt.Errorf("have the impersonator check a token: the issuer %s has not issued it", i.issuer)
	}
	return nil
}

// admit lets a request pass whose token is good and whose user can be named,
// and notes who that is for actFor.
func (i *Impersonator) admit(request *http.Request, record *timeline.Request) (*http.Request, *wire.Refusal) {
	record.Stripped = foreign(request.Header)
	// What the client asked for goes no further; what is sent comes in its place.
	record.Impersonation = nil
	// The authenticators take a token that they accept out of the headers. All
	// tokens are taken out later, so they get headers of their own.
	response, accepted, err := i.requests.AuthenticateRequest(request.Clone(request.Context()))
	if err == nil && !accepted {
		err = errNoToken
	}
	if err != nil {
		return nil, refusal(apierrors.NewUnauthorized("Unauthorized"), err)
	}
	if err := checkNames(response.User); err != nil {
		return nil, refusal(apierrors.NewBadRequest(err.Error()), err)
	}
	return request.WithContext(apirequest.WithUser(request.Context(), response.User)), nil
}

// refusal is an answer as the API server gives it.
func refusal(answer *apierrors.StatusError, reason error) *wire.Refusal {
	status := answer.Status()
	status.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
	// Never fails: a Status is plain data.
	body, _ := json.Marshal(status)
	return &wire.Refusal{
		Status: int(status.Code), ContentType: "application/json", Body: body,
		Reason: redact.Text(reason.Error()),
	}
}
