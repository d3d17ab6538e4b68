package installation

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/impersonator"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	// madeLifetime is how long a token of the suite's own making lives.
	madeLifetime = 10 * time.Minute
	// keyBits is the size of a key that nobody publishes.
	keyBits = 2048
)

// try is one request that goes to the impersonator past the dashboard.
type try struct {
	kind   string // one of the judge's
	name   string
	header http.Header
}

// TryImpersonator goes to the impersonator past the dashboard: with a user's good
// tokens, with tokens that are wrong in one thing each, and with good ones beside
// headers that claim another identity.
func (in *Installation) TryImpersonator(ctx context.Context, user User) error {
	in.tell(live.Message{State: live.Using})
	real, err := in.realm.Token(ctx, user.account)
	if err != nil {
		return environment("get a token of the user", err)
	}
	lent, err := in.realm.LendKey(ctx)
	if err != nil {
		return environment("have the realm publish a key of the suite's", err)
	}
	made, err := newMaker(real, lent)
	if err != nil {
		return environment("make tokens", err)
	}
	good, err := made.sign(nil)
	if err != nil {
		return environment("make tokens", err)
	}
	tries := []try{
		{judge.GoodToken, "issued by Keycloak", bearing(real)},
		{judge.GoodToken, "made with a key that Keycloak publishes", bearing(good)},
	}
	bad, err := made.bad(good)
	if err != nil {
		return environment("make tokens", err)
	}
	for _, each := range append(append(tries, bad...), claiming(good)...) {
		if err := in.tryAt(ctx, each); err != nil {
			return err
		}
	}
	if err := in.realm.WithdrawKey(ctx); err != nil {
		return environment("have the realm publish the suite's key no more", err)
	}
	// Who checks tokens learns that a key is gone when it asks for the keys again,
	// which it does for a token that none of those fits that it has.
	unknown, err := made.unknownKey()
	if err != nil {
		return environment("make tokens", err)
	}
	for _, each := range []try{
		{judge.BadToken, "of a key that was never published", bearing(unknown)},
		{judge.BadToken, "of a key that is published no more", bearing(good)},
		{judge.GoodToken, "issued by Keycloak, after all others", bearing(real)},
	} {
		if err := in.tryAt(ctx, each); err != nil {
			return err
		}
	}
	return nil
}

// tryAt sends one try, and notes what it was answered.
func (in *Installation) tryAt(ctx context.Context, each try) error {
	what := fmt.Sprintf("try the impersonator with a token (%s)", each.name)
	target := reviewPath + "?attempt=" + newName("try")
	bounded, cancel := context.WithTimeout(ctx, acceptTimeout)
	defer cancel()
	body := []byte(`{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`)
	request, err := http.NewRequestWithContext(bounded, http.MethodPost,
		"https://"+net.JoinHostPort(impersonator.Host, strconv.Itoa(in.impersonator.Port()))+target, bytes.NewReader(body))
	if err != nil {
		return environment(what, err)
	}
	request.Header = each.header.Clone()
	request.Header.Set("Content-Type", "application/json")
	var oneOnly http.Protocols
	oneOnly.SetHTTP1(true) // HTTP/2 knows no odd headers
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: in.roots, MinVersion: tls.VersionTLS12}, Protocols: &oneOnly,
	}
	defer transport.CloseIdleConnections()
	begun := time.Now().UTC()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return in.undone(ctx, judge.Crashed, fmt.Errorf("%s: %s", what, redact.Text(err.Error())))
	}
	_, err = io.Copy(io.Discard, response.Body)
	_ = response.Body.Close() // it has been read
	if err != nil {
		return in.undone(ctx, judge.Crashed, fmt.Errorf("%s: read the answer: %w", what, err))
	}
	in.recorder.Add(timeline.Event{
		Witness: timeline.Suite, Kind: timeline.Attempted, Text: each.name, Level: each.kind, Count: response.StatusCode,
		Request: &timeline.Request{Method: http.MethodPost, URL: target, Status: response.StatusCode, Began: begun},
	})
	return nil
}

func bearing(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }

// claiming are the tries that claim another identity beside a good token.
func claiming(good string) []try {
	var tries []try
	for _, forged := range forgeries {
		header := forged.header.Clone()
		header.Set("Authorization", "Bearer "+good)
		tries = append(tries, try{judge.ClaimsAnother, forged.name, header})
	}
	with := func(name string, header http.Header) { tries = append(tries, try{judge.ClaimsAnother, name, header}) }
	with("a second credential", http.Header{"Authorization": {"Bearer " + good, "Basic YWRtaW46YWRtaW4="}})
	with("a second credential, in odd case", http.Header{"Authorization": {"Bearer " + good}, "aUTHORIZATION": {"Basic YWRtaW46YWRtaW4="}})
	with("a session's cookie", http.Header{"Authorization": {"Bearer " + good}, "Cookie": {"headlamp-auth-main.0=" + good}})
	with("a gateway's headers", http.Header{"Authorization": {"Bearer " + good}, "X-Forwarded-User": {"admin"}, "X-Forwarded-Groups": {"system:masters"}})
	return tries
}

// maker makes tokens out of the claims of a real one.
type maker struct {
	claims map[string]any
	lent   *rsa.PrivateKey // that the issuer publishes
	own    *rsa.PrivateKey // that it never heard of
}

func newMaker(real string, lent *rsa.PrivateKey) (*maker, error) {
	parsed, err := jwt.ParseSigned(real, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, fmt.Errorf("read a token of Keycloak's: %s", redact.Text(err.Error()))
	}
	made := &maker{lent: lent}
	if err := parsed.UnsafeClaimsWithoutVerification(&made.claims); err != nil {
		return nil, fmt.Errorf("read the claims of a token of Keycloak's: %s", redact.Text(err.Error()))
	}
	if made.own, err = rsa.GenerateKey(rand.Reader, keyBits); err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return made, nil
}

// with are the claims of a good token that lives long, changed as asked.
func (m *maker) with(changed map[string]any) map[string]any {
	claims := maps.Clone(m.claims)
	claims["exp"] = time.Now().Add(madeLifetime).Unix()
	maps.Copy(claims, changed)
	return claims
}

// sign makes a token that is signed as it should be.
func (m *maker) sign(changed map[string]any) (string, error) {
	return signWith(jose.SigningKey{Algorithm: jose.RS256, Key: m.lent}, m.with(changed))
}

func (m *maker) unknownKey() (string, error) {
	return signWith(jose.SigningKey{Algorithm: jose.RS256, Key: m.own}, m.with(nil))
}

func signWith(key jose.SigningKey, claims map[string]any) (string, error) {
	signer, err := jose.NewSigner(key, nil)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}

// bad are the tries with tokens that are wrong in one thing each.
func (m *maker) bad(good string) ([]try, error) {
	tries := []try{
		{judge.BadToken, "none", http.Header{}},
		{judge.BadToken, "no JWT", bearing("nonsense")},
		{judge.BadToken, "a password in its place", http.Header{"Authorization": {"Basic YWRtaW46YWRtaW4="}}},
		{judge.BadToken, "identity headers in its place", http.Header{"Impersonate-User": {"admin"}, "X-Remote-User": {"admin"}}},
		{judge.BadToken, "the credential named as hop by hop", http.Header{"Connection": {"Authorization"}, "Impersonate-User": {"admin"}}},
	}
	for _, wrong := range []struct {
		name    string
		changed map[string]any
	}{
		{"expired a second ago", map[string]any{"exp": time.Now().Add(-time.Second).Unix()}},
		{"not yet valid", map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}},
		{"for another audience", map[string]any{"aud": "another-client"}},
		{"of another issuer", map[string]any{"iss": "https://127.0.0.1:1/realms/another"}},
		{"without a user", map[string]any{"preferred_username": nil}},
	} {
		token, err := m.sign(wrong.changed)
		if err != nil {
			return nil, err
		}
		tries = append(tries, try{judge.BadToken, wrong.name, bearing(token)})
	}
	forged, err := m.unknownKey()
	if err != nil {
		return nil, err
	}
	symmetric, err := signWith(jose.SigningKey{Algorithm: jose.HS256, Key: m.lent.N.Bytes()}, m.with(nil))
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(m.with(nil))
	if err != nil {
		return nil, fmt.Errorf("encode a token's claims: %w", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return append(tries,
		try{judge.BadToken, "with a forged signature", bearing(forged)},
		try{judge.BadToken, "signed with the public key", bearing(symmetric)},
		try{judge.BadToken, "that says that nobody signed it", bearing(encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + ".")},
		try{judge.BadToken, "forged before a good one", http.Header{"Authorization": {"Bearer " + forged, "Bearer " + good}}},
	), nil
}
