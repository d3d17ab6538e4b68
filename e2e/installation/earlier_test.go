package installation

import (
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

func TestAnEarlierSessionHasExpiredAndFillsItsCookies(t *testing.T) {
	t.Parallel()
	for cookies := 1; cookies <= 3; cookies++ {
		raw, err := earlierToken(cookies)
		if err != nil {
			t.Fatal(err)
		}
		token := redact.ParseToken(raw)
		if token.Issuer != earlierIssuer || !token.ExpiresAt.Before(time.Now()) || token.Username == "" {
			t.Errorf("the earlier token is %+v", token)
		}
		if needs := (len(raw) + sessionChunk - 1) / sessionChunk; needs != cookies {
			t.Errorf("a token of %d bytes needs %d cookies, want %d", len(raw), needs, cookies)
		}
	}
}
