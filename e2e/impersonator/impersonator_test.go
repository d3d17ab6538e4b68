package impersonator_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/impersonator"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func TestAGoodTokenBecomesHeadersUnderTheOwnCredential(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	token := h.issuer.token(t, nil)
	response := h.ask(t, "/api/v1/namespaces?limit=5", token)
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || string(body) != "served" {
		t.Fatalf("answered %d %q, %v", response.StatusCode, body, err)
	}
	arrived := h.only(t)
	arrived.actsAs(t, token, "alice", "developers", "testers")
	if !strings.HasPrefix(arrived.dump, "GET /api/v1/namespaces?limit=5 ") {
		t.Errorf("another request arrived: %s", arrived.dump)
	}
	record := h.recorded(t, timeline.Responded)
	sent := record.Impersonation
	if record.Status != http.StatusOK || sent == nil || sent.User != "alice" || !slices.Equal(sent.Groups, []string{"developers", "testers"}) {
		t.Errorf("recorded %+v, sent %+v", record, sent)
	}
	if record.Bearer == nil || record.Bearer.Hash != redact.Hash(token) || record.Bearer.Username != "alice" {
		t.Errorf("recorded the bearer %+v", record.Bearer)
	}
	if len(record.Stripped) > 0 {
		t.Errorf("recorded %v as stripped from a request that had nothing to strip", record.Stripped)
	}
}

func TestARefusedTokenGoesNoFurther(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	authority, err := pki.NewAuthority("another")
	if err != nil {
		t.Fatal(err)
	}
	another := newIssuer(t, authority)
	before := h.issuer.token(t, nil)
	h.issuer.rotate(t)
	// An authenticator learns of a rotation from the first token that has the new
	// key. Until then it may go on with the keys that it has.
	if response := h.ask(t, "/", h.issuer.token(t, nil)); response.StatusCode != http.StatusOK {
		t.Fatalf("a token with the new key was answered %d", response.StatusCode)
	}
	good := h.issuer.token(t, nil)
	served := h.reached()
	for name, refused := range map[string]struct{ authorization, reason string }{
		"none at all":          {"", "no bearer token"},
		"not a bearer's":       {"Basic YWxpY2U6c2VjcmV0", "no bearer token"},
		"no JWT":               {"Bearer nonsense", "invalid bearer token"},
		"expired":              {"Bearer " + h.issuer.token(t, map[string]any{"exp": time.Now().Add(-time.Second).Unix()}), "token is expired"},
		"not yet valid":        {"Bearer " + h.issuer.token(t, map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}), "not before"},
		"other audience":       {"Bearer " + h.issuer.token(t, map[string]any{"aud": "another-client"}), "expected audience"},
		"other issuer":         {"Bearer " + another.token(t, nil), "invalid bearer token"},
		"another's key":        {"Bearer " + another.token(t, map[string]any{"iss": h.issuer.server.URL}), "verify"},
		"alg none":             {"Bearer " + h.issuer.unsigned(t), "unsupported algorithm"},
		"symmetric":            {"Bearer " + signed(t, jose.SigningKey{Algorithm: jose.HS256, Key: bytes.Repeat([]byte("k"), 32)}, h.issuer.claims(nil)), "unsupported algorithm"},
		"key rotated away":     {"Bearer " + before, "failed to verify"},
		"changed after":        {"Bearer " + strings.Replace(good, ".", ".e30", 1), ""},
		"a space too much":     {"Bearer  " + good, "no bearer token"},
		"username is no text":  {"Bearer " + h.issuer.token(t, map[string]any{"preferred_username": 7}), "username"},
		"no username":          {"Bearer " + h.issuer.token(t, map[string]any{"preferred_username": nil}), "username"},
		"groups are no texts":  {"Bearer " + h.issuer.token(t, map[string]any{"groups": []int{1}}), "groups"},
		"the own credential's": {"Bearer " + ownCredential, "invalid bearer token"},
	} {
		t.Run(name, func(t *testing.T) {
			requestLine := "GET /refused/" + strings.ReplaceAll(name, " ", "-") + " HTTP/1.1"
			lines := []string{"Impersonate-User: root", "Impersonate-Group: system:masters"}
			if refused.authorization != "" {
				lines = append(lines, "Authorization: "+refused.authorization)
			}
			response, _ := h.say(t, requestLine, lines...)
			isStatus(t, response, http.StatusUnauthorized, metav1.StatusReasonUnauthorized)
			record := lastRecord(t, h)
			if record.Status != http.StatusUnauthorized || record.Error == "" || !strings.Contains(record.Error, refused.reason) {
				t.Errorf("recorded %d %q, want a reason with %q", record.Status, record.Error, refused.reason)
			}
			if record.Impersonation != nil {
				t.Errorf("recorded that %+v was sent", record.Impersonation)
			}
		})
	}
	if got := h.reached() - served; got != 0 {
		t.Errorf("%d refused requests reached the upstream", got)
	}
	if response := h.ask(t, "/", good); response.StatusCode != http.StatusOK {
		t.Errorf("afterwards a good token was answered %d", response.StatusCode)
	}
}

func lastRecord(t *testing.T, h *hop) timeline.Request {
	t.Helper()
	responded := h.recorder.Timeline().Of(timeline.Impersonator, timeline.Responded)
	if len(responded) == 0 {
		t.Fatal("nothing was recorded")
	}
	return *responded[len(responded)-1].Request
}

func isStatus(t *testing.T, response *http.Response, code int, reason metav1.StatusReason) {
	t.Helper()
	var status metav1.Status
	if err := json.NewDecoder(response.Body).Decode(&status); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != code || int(status.Code) != code || status.Reason != reason ||
		status.Kind != "Status" || status.APIVersion != "v1" || status.Status != metav1.StatusFailure {
		t.Errorf("answered %d with %+v, want %d %s", response.StatusCode, status, code, reason)
	}
	if got := response.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("the Status came as %q", got)
	}
}

func TestPrefixesStandBeforeTheUserAndEachGroup(t *testing.T) {
	t.Parallel()
	h := newHop(t, func(options *impersonator.Options) {
		options.Issuer.UsernamePrefix, options.Issuer.GroupsPrefix = "oidc:", "idp:"
	})
	token := h.issuer.token(t, nil)
	h.ask(t, "/", token)
	h.only(t).actsAs(t, token, "oidc:alice", "idp:developers", "idp:testers")
}

func TestGroupsArriveAllAndInTheirOrder(t *testing.T) {
	t.Parallel()
	many := make([]string, 500)
	for i := range many {
		many[i] = fmt.Sprintf("group-%d", (i*7)%len(many))
	}
	for name, groups := range map[string][]string{
		"none":             nil,
		"one":              {"developers"},
		"twice the same":   {"b", "a", "b"},
		"an empty one":     {"a", "", "b"},
		"with commas":      {"a,b", "c, d", ","},
		"the API server's": {"system:authenticated", "developers", "system:unauthenticated"},
		"many":             many,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHop(t)
			token := h.issuer.token(t, map[string]any{"groups": groups})
			h.ask(t, "/", token)
			h.only(t).actsAs(t, token, "alice", groups...)
		})
	}
}

func TestAGroupsClaimMayBeOneText(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	token := h.issuer.token(t, map[string]any{"groups": "developers"})
	h.ask(t, "/", token)
	h.only(t).actsAs(t, token, "alice", "developers")
}

func TestNamesArriveExactlyOrAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"jürgen", "山田", "alice@example.com", "two words", "two  spaces", "tab\tinside", `back\slash`, `"quoted"`,
		"100%25", "a,b", "=?utf-8?q?encoded?=", "no-break\u00a0space", "zero\u200bwidth", strings.Repeat("long", 40_000),
	} {
		t.Run("arrives/"+name[:min(len(name), 20)], func(t *testing.T) {
			t.Parallel()
			h := newHop(t)
			token := h.issuer.token(t, map[string]any{"preferred_username": name, "groups": []string{name, "developers"}})
			if response := h.ask(t, "/", token); response.StatusCode != http.StatusOK {
				t.Fatalf("answered %d", response.StatusCode)
			}
			h.only(t).actsAs(t, token, name, name, "developers")
		})
	}
	for _, name := range []string{" leading", "trailing ", "\ttab before", "line\nbreak", "carriage\rreturn", "nul\x00", "delete\x7f", "escape\x1b"} {
		for _, claim := range []string{"preferred_username", "groups"} {
			t.Run(fmt.Sprintf("refused/%s %q", claim, name), func(t *testing.T) {
				t.Parallel()
				h := newHop(t)
				response := h.ask(t, "/", h.issuer.token(t, map[string]any{claim: name}))
				isStatus(t, response, http.StatusBadRequest, metav1.StatusReasonBadRequest)
				if h.reached() > 0 {
					t.Error("the request reached the upstream")
				}
				if record := h.recorded(t, timeline.Responded); record.Status != http.StatusBadRequest || !strings.Contains(record.Error, "cannot be sent in a header") {
					t.Errorf("recorded %d %q", record.Status, record.Error)
				}
			})
		}
	}
}

func TestAnIdentityThatImpersonationWouldChangeIsRefused(t *testing.T) {
	t.Parallel()
	for name, changed := range map[string]map[string]any{
		"no name":             {"preferred_username": ""},
		"a name that is null": {"preferred_username": json.RawMessage("null")},
		"the anonymous user":  {"preferred_username": "system:anonymous"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHop(t)
			isStatus(t, h.ask(t, "/", h.issuer.token(t, changed)), http.StatusBadRequest, metav1.StatusReasonBadRequest)
			if h.reached() > 0 {
				t.Error("the request reached the upstream")
			}
		})
	}
}

func TestReadyWaitsForTheIssuerAndChecksARealToken(t *testing.T) {
	t.Parallel()
	t.Run("the issuer never answers", func(t *testing.T) {
		t.Parallel()
		h := startHop(t, func(options *impersonator.Options) { options.Issuer.URL = "https://127.0.0.1:1" })
		cause := errors.New("long enough")
		ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, cause)
		defer cancel()
		if err := h.impersonator.Ready(ctx, h.issuer.token(t, nil)); !errors.Is(err, cause) || !strings.Contains(err.Error(), "127.0.0.1:1") {
			t.Errorf("got %v, want the cause and the issuer", err)
		}
		if response := h.ask(t, "/", h.issuer.token(t, nil)); response.StatusCode != http.StatusUnauthorized || h.reached() > 0 {
			t.Errorf("while it was not ready it answered %d, and passed on %d requests", response.StatusCode, h.reached())
		}
	})
	t.Run("the token is refused", func(t *testing.T) {
		t.Parallel()
		h := startHop(t)
		secret := h.issuer.token(t, nil)
		for _, token := range []string{h.issuer.token(t, map[string]any{"aud": secret}), h.issuer.token(t, map[string]any{"iss": secret})} {
			err := h.impersonator.Ready(t.Context(), token)
			if err == nil || !strings.Contains(err.Error(), h.issuer.server.URL) || strings.Contains(err.Error(), secret) {
				t.Errorf("got %v, want an error that names the issuer and no token", err)
			}
		}
	})
	t.Run("nothing of it is recorded", func(t *testing.T) {
		t.Parallel()
		h := newHop(t)
		if events := h.recorder.Timeline().Events; len(events) > 0 || h.reached() > 0 {
			t.Errorf("recorded %+v, passed on %d requests", events, h.reached())
		}
	})
}

func TestStartSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	authority, err := pki.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	trusted := newIssuer(t, authority).trusted()
	for name, test := range map[string]struct {
		change func(*impersonator.Options)
		want   string
	}{
		"no credential":       {func(o *impersonator.Options) { o.Credential = "" }, "credential"},
		"no authority's file": {func(o *impersonator.Options) { o.Issuer.CAFile = "/nowhere/ca.crt" }, "/nowhere/ca.crt"},
		"issuer without TLS":  {func(o *impersonator.Options) { o.Issuer.URL = "http://issuer" }, "https"},
		"no audience":         {func(o *impersonator.Options) { o.Issuer.Audience = "" }, "audience"},
		"no username claim":   {func(o *impersonator.Options) { o.Issuer.UsernameClaim = "" }, "username"},
	} {
		options := impersonator.Options{
			Authority: authority, Recorder: timeline.NewRecorder(timeline.Header{}), Upstream: "https://127.0.0.1:1",
			Roots: authority.Pool(), Issuer: trusted, Credential: ownCredential,
		}
		test.change(&options)
		started, err := impersonator.Start(options)
		if err == nil {
			t.Errorf("%s: it started", name)
			_ = started.Close()
		} else if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %q does not say %q", name, err, test.want)
		}
	}
}

func TestAnUpstreamThatIsGoneIsABadGateway(t *testing.T) {
	t.Parallel()
	h := newHop(t, func(options *impersonator.Options) { options.Upstream = "https://127.0.0.1:1" })
	if response := h.ask(t, "/", h.issuer.token(t, nil)); response.StatusCode != http.StatusBadGateway {
		t.Errorf("answered %d", response.StatusCode)
	}
	if record := h.recorded(t, timeline.Failed); record.Status != http.StatusBadGateway || record.Impersonation == nil {
		t.Errorf("recorded %+v", record)
	}
}

func TestAFaultAltersWhatIsSentAndNotWhatIsRecorded(t *testing.T) {
	t.Parallel()
	var seen string
	h := newHop(t, func(options *impersonator.Options) {
		options.Alter = func(request *http.Request, bearer string) {
			seen = bearer
			request.Header.Set("Impersonate-User", "mallory")
			request.Header.Del("Impersonate-Group")
		}
	})
	h.ask(t, "/", "no token")
	if h.reached() > 0 || seen != "" {
		t.Error("a refused request was altered")
	}
	token := h.issuer.token(t, nil)
	h.ask(t, "/", token)
	h.only(t).actsAs(t, token, "mallory")
	if seen != token {
		t.Error("the fault was not given the user's token")
	}
	if sent := lastRecord(t, h).Impersonation; sent == nil || sent.User != "alice" || len(sent.Groups) != 2 {
		t.Errorf("recorded %+v as sent, want what the impersonator did by itself", sent)
	}
}
