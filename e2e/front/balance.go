package front

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// sessionCookie is how the name of the cookie begins that carries a session
// (Headlamp 0.35 and later, and the reference dashboard).
const sessionCookie = "headlamp-auth-"

// balancer says which replica gets a request: each in its turn. Two turns are
// not left to what else a page happens to ask. A login ends at another replica
// than it began at, and a session goes to another one than gave it out: a gateway
// that knows nothing of sessions does that sooner or later.
type balancer struct {
	network http.RoundTripper

	mu       sync.Mutex
	replicas []*url.URL
	next     int // whose turn it is
	logins   int // the same, for the requests of a login
	// givers are the hosts of the replicas that gave sessions out.
	givers map[string]string
	// past says which requests go to pastTo in the place of a replica, or is nil.
	past   func(*http.Request) bool
	pastTo *url.URL
}

func (b *balancer) letPast(fits func(*http.Request) bool, to *url.URL) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.past, b.pastTo = fits, to
}

func (b *balancer) set(replicas []*url.URL) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.replicas = replicas
}

// choose returns the replica for a request of the browser's.
func (b *balancer) choose(request *http.Request) (*url.URL, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.past != nil && b.past(request) {
		return b.pastTo, nil
	}
	if len(b.replicas) == 0 {
		return nil, errors.New("the front has no replica to send this to")
	}
	turn := &b.next
	if ofLogin(request.URL.Path) {
		turn = &b.logins
	}
	chosen := b.replicas[*turn%len(b.replicas)]
	*turn++
	if giver, known := b.givers[sessionOf(request.Cookies())]; known && chosen.Host == giver {
		chosen = b.replicas[*turn%len(b.replicas)]
		*turn++
	}
	return chosen, nil
}

// RoundTrip notes which replica gives out a session.
func (b *balancer) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.network.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	if session := sessionOf(response.Cookies()); session != "" {
		b.mu.Lock()
		b.givers[session] = request.URL.Host
		b.mu.Unlock()
	}
	return response, nil
}

// ofLogin says whether a path is where a login begins or where it ends.
func ofLogin(path string) bool {
	return strings.HasSuffix(path, "/oidc") || strings.HasSuffix(path, "/oidc-callback")
}

// sessionOf returns what tells a session from others, or "" where there is none:
// the first chunk of its cookie. The token in it begins with its times.
func sessionOf(cookies []*http.Cookie) string {
	for _, cookie := range cookies {
		if strings.HasPrefix(cookie.Name, sessionCookie) && strings.HasSuffix(cookie.Name, ".0") && cookie.Value != "" {
			return redact.Hash(cookie.Value)
		}
	}
	return ""
}
