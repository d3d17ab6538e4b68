package wire

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact/leak"
)

// noteSecrets notes what a request or an answer carries that must be nowhere:
// cookies, and tokens in any line of its head.
func (p *Proxy) noteSecrets(header http.Header, cookies []*http.Cookie) {
	for _, cookie := range cookies {
		p.options.Recorder.Secret(leak.Cookie, cookie.Value)
	}
	for _, lines := range header {
		for _, line := range lines {
			p.noteTokens(line)
			if _, encoded, found := strings.Cut(line, bearerProtocol); found {
				encoded, _, _ = strings.Cut(encoded, ",")
				if raw, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(encoded)); err == nil {
					p.noteTokens(string(raw))
				}
			}
		}
	}
}

// noteQuery notes what an address carries: the code that a login leads back with,
// and tokens.
func (p *Proxy) noteQuery(address *url.URL) {
	for name, values := range address.Query() {
		for _, value := range values {
			if name == "code" {
				p.options.Recorder.Secret(leak.Code, value)
			}
			p.noteTokens(value)
		}
	}
}

func (p *Proxy) noteTokens(text string) {
	for _, token := range leak.Tokens(text) {
		p.options.Recorder.Secret(leak.TokenKind(token), token)
	}
}
