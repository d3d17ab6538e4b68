package redact

import (
	"regexp"
	"strings"
)

// credentialLength is the least that is taken for an opaque credential.
const credentialLength = 8

var (
	bearerHead = regexp.MustCompile(`^(?i:bearer\.authorization\.k8s\.io\.|bearer(?:[ .+\t]+|%20))`)
	basicHead  = regexp.MustCompile(`^(?i:basic)\s+`)
	// A text may say "basic" of other things than of a header's credential.
	beforeBasic = regexp.MustCompile(`(?i)authorization\\*["']?\s*[:=]\s*\[?\\*["']?\s*$`)
)

// credentials replaces what stands behind "Bearer" and "Basic" in an
// Authorization header, and in a WebSocket's subprotocol (Kubernetes API
// reference, "WebSocket authentication").
func credentials(text string) string {
	return replaceAt(text, []string{"bearer", "basic"}, func(text string, at int) (begin, end int) {
		head := bearerHead.FindString(behind(text, at))
		if head == "" && beforeBasic.MatchString(ahead(text, at)) {
			head = basicHead.FindString(behind(text, at))
		}
		if head == "" {
			return 0, 0
		}
		begin = at + len(head)
		end = span(text, begin, isTokenByte)
		if end-begin < credentialLength {
			return 0, 0
		}
		return begin, end
	})
}

// sessionCookies are how the names of the session cookies of Headlamp, of the
// reference dashboard and of Keycloak begin, in lower case.
var sessionCookies = []string{
	"headlamp-auth-", "headlamp-refresh-", "headlamp-login-", "oauthstate", "keycloak_", "auth_session_id", "kc_",
}

var cookieHead = regexp.MustCompile(`^[\w.-]+=`)

// cookieLines match a Cookie or Set-Cookie line, as a header, in JSON, or in a
// map or list that a program printed.
var cookieLines = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(\bcookie\\*["']?\s*:\s*\[)([^\]]+)`),
	regexp.MustCompile(`(?i)(\bcookie\\*["']?\s*:\s*\\*["']?)((?:="[^"]*"|[^"'\\\[\r\n])+)`),
}

var cookiePair = regexp.MustCompile(`([^=;,\s"'\\\[]+=)("[^"]+"|[^;,\s"'\\]+)`)

// cookieAttribute matches the attributes of a Set-Cookie line, which are no
// secret.
var cookieAttribute = regexp.MustCompile(`^(?i:path|domain|expires|max-age|samesite|priority)=$`)

// cookies replaces the values of cookies: of known ones wherever they stand,
// and of all in the lines of headers.
func cookies(text string) string {
	text = replaceAt(text, sessionCookies, func(text string, at int) (begin, end int) {
		head := cookieHead.FindString(behind(text, at))
		if head == "" {
			return 0, 0
		}
		begin = at + len(head)
		return begin, span(text, begin, noneOf("; ,\t\r\n\"'\\"))
	})
	if !strings.Contains(fold(text), "cookie") {
		return text
	}
	var replaced strings.Builder
	for line := range strings.Lines(text) {
		if strings.Contains(fold(line), "cookie") {
			line = cookieLine(line)
		}
		replaced.WriteString(line)
	}
	return replaced.String()
}

func cookieLine(line string) string {
	for _, pattern := range cookieLines {
		line = pattern.ReplaceAllStringFunc(line, func(match string) string {
			parts := pattern.FindStringSubmatch(match)
			return parts[1] + cookiePair.ReplaceAllStringFunc(parts[2], func(pair string) string {
				parts := cookiePair.FindStringSubmatch(pair)
				if cookieAttribute.MatchString(parts[1]) {
					return pair
				}
				return parts[1] + mark(strings.Trim(parts[2], `"`))
			})
		})
	}
	return line
}
