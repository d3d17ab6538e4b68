package installation

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/front"
)

const (
	// earlierIssuer is whose tokens an earlier installation had.
	earlierIssuer = "https://keycloak.earlier.example/realms/corp"
	// earlierEnded is how long ago the earlier session's token expired.
	earlierEnded = time.Hour
	// sessionCookie is the name of Headlamp's session cookie, before the number of
	// the chunk, and sessionChunk how much of a token is in each (0.35 and later).
	sessionCookie = "headlamp-auth-" + clusterName
	sessionChunk  = 3800
)

// LeaveEarlierSession puts into the browser what an earlier installation at this
// address left there: the cookies of a session that has expired, of an issuer
// that nobody knows any more. Its token fills so many cookies.
func (in *Installation) LeaveEarlierSession(ctx context.Context, cookies int) error {
	if in.profile == nil {
		return needsPage("leave the cookies of an earlier session")
	}
	token, err := earlierToken(cookies)
	if err != nil {
		return environment("make the token of an earlier session", err)
	}
	chunks := map[string]string{}
	for len(token) > 0 {
		size := min(len(token), sessionChunk)
		chunks[fmt.Sprintf("%s.%d", sessionCookie, len(chunks))] = token[:size]
		token = token[size:]
	}
	return environment("leave the cookies of an earlier session in the browser",
		in.profile.PutCookies(ctx, front.Host, clusterPath, chunks))
}

// earlierToken makes a token that needs so many cookies.
func earlierToken(cookies int) (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	ended := time.Now().Add(-earlierEnded)
	// Every four bytes of a token carry three of its claims.
	filling := strings.Repeat("g", (cookies-1)*sessionChunk*3/4)
	return jwt.Signed(signer).Claims(map[string]any{
		"iss": earlierIssuer, "sub": "earlier", "preferred_username": "earlier", "aud": "headlamp", "groups": []string{"developers" + filling},
		"iat": ended.Add(-time.Minute).Unix(), "exp": ended.Unix(),
	}).Serialize()
}
