package wire

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// bearerProtocol is how a browser carries a token in a WebSocket handshake
// (Kubernetes API reference, "WebSocket authentication").
const bearerProtocol = "base64url.bearer.authorization.k8s.io."

// describe keeps what may be kept of a request.
func describe(request *http.Request) timeline.Request {
	bearer := bearerToken(request.Header)
	return timeline.Request{
		Method:        request.Method,
		URL:           redact.URL(request.URL.RequestURI()),
		Began:         time.Now().UTC(),
		WebSocket:     strings.EqualFold(request.Header.Get("Upgrade"), "websocket"),
		UserAgent:     request.UserAgent(),
		Bearer:        bearer,
		Beside:        beside(request.Header, bearer),
		Cookies:       cookieNames(request.Cookies()),
		CookieToken:   cookieToken(request.Cookies()),
		Impersonation: impersonation(request.Header),
	}
}

func bearerToken(header http.Header) *redact.Token {
	scheme, raw, found := strings.Cut(header.Get("Authorization"), " ")
	if found && strings.EqualFold(scheme, "bearer") {
		token := redact.ParseToken(strings.TrimSpace(raw))
		return &token
	}
	for _, line := range header.Values("Sec-Websocket-Protocol") {
		for protocol := range strings.SplitSeq(line, ",") {
			encoded, found := strings.CutPrefix(strings.TrimSpace(protocol), bearerProtocol)
			if !found {
				continue
			}
			raw, err := base64.RawURLEncoding.DecodeString(encoded)
			if err != nil {
				raw = []byte(encoded)
			}
			token := redact.ParseToken(string(raw))
			return &token
		}
	}
	return nil
}

// steady is how far a response's Date may be from the clock here: it has whole
// seconds, and on a busy machine a response is long under way.
const steady = 30 * time.Second

// clockOff is how many seconds the Date of a response is ahead of the clock here, or
// zero where both agree or there is no Date.
func clockOff(header http.Header, now time.Time) int {
	said, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0
	}
	if off := said.Sub(now); off.Abs() > steady {
		return int(off.Round(time.Second).Seconds())
	}
	return 0
}

// beside returns the tokens that a request carries besides its credential: in a
// second Authorization line, or in any other header but the cookies.
func beside(header http.Header, credential *redact.Token) []redact.Token {
	var found []redact.Token
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if strings.EqualFold(name, "Cookie") {
			continue
		}
		for _, line := range header[name] {
			for _, token := range redact.Tokens(line) {
				if credential == nil || token.Hash != credential.Hash {
					found = append(found, token)
				}
			}
		}
	}
	return found
}

// impersonation returns what the Impersonate-* headers ask for, or nil when
// there is none.
func impersonation(header http.Header) *timeline.Impersonation {
	var asked timeline.Impersonation
	found := false
	for _, name := range slices.Sorted(maps.Keys(header)) {
		values := header[name]
		switch lower := strings.ToLower(name); {
		case lower == "impersonate-user":
			asked.User = strings.Join(values, ", ")
		case lower == "impersonate-group":
			asked.Groups = append(asked.Groups, values...)
		case lower == "impersonate-uid":
			asked.UID = strings.Join(values, ", ")
		case strings.HasPrefix(lower, "impersonate-extra-"):
			asked.Extra = append(asked.Extra, strings.TrimPrefix(lower, "impersonate-extra-"))
		default:
			continue
		}
		found = true
	}
	if !found {
		return nil
	}
	return &asked
}

func cookieNames(cookies []*http.Cookie) []string {
	var names []string
	for _, cookie := range cookies {
		names = append(names, cookie.Name)
	}
	return names
}

// cookieToken puts together a token that a dashboard keeps in one cookie, or
// in numbered chunks of it: name.0, name.1, … (Headlamp 0.35 and later).
func cookieToken(cookies []*http.Cookie) *redact.Token {
	chunks := map[string]map[int]string{}
	for _, cookie := range cookies {
		name, index := chunkOf(cookie.Name)
		if chunks[name] == nil {
			chunks[name] = map[int]string{}
		}
		chunks[name][index] = cookie.Value
	}
	for _, name := range slices.Sorted(maps.Keys(chunks)) {
		var raw strings.Builder
		for _, index := range slices.Sorted(maps.Keys(chunks[name])) {
			raw.WriteString(chunks[name][index])
		}
		if found := redact.Tokens(raw.String()); len(found) > 0 {
			return &found[0]
		}
	}
	return nil
}

func chunkOf(name string) (base string, index int) {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return name, 0
	}
	index, err := strconv.Atoi(name[dot+1:])
	if err != nil {
		return name, 0
	}
	return name[:dot], index
}

var sameSites = map[http.SameSite]string{
	http.SameSiteLaxMode:    "Lax",
	http.SameSiteStrictMode: "Strict",
	http.SameSiteNoneMode:   "None",
}

func setCookies(cookies []*http.Cookie) []timeline.Cookie {
	var kept []timeline.Cookie
	for _, cookie := range cookies {
		entry := timeline.Cookie{
			Name:     cookie.Name,
			Hash:     redact.Hash(cookie.Value),
			Path:     cookie.Path,
			HTTPOnly: cookie.HttpOnly,
			Secure:   cookie.Secure,
			SameSite: sameSites[cookie.SameSite],
			MaxAge:   cookie.MaxAge,
			Deleted:  cookie.MaxAge < 0 || (!cookie.Expires.IsZero() && cookie.Expires.Before(time.Now())),
		}
		if found := redact.Tokens(cookie.Value); len(found) > 0 {
			entry.Token = &found[0]
		}
		kept = append(kept, entry)
	}
	return kept
}
