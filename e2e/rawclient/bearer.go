package rawclient

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

const (
	// landing ends the address that a login leads to.
	landing = "/auth"
	// renewal is the header in which an answer brings a new token.
	renewal = "X-Authorization"
	// bearerProtocol is how a page sends its token with a WebSocket (Kubernetes
	// API reference, "WebSocket authentication").
	bearerProtocol = "base64url.bearer.authorization.k8s.io."
)

// Up to 0.34 Headlamp leaves the token to its page: it hands it out in the address
// that a login leads to, the page sends it with every request, and takes over the
// one that an answer brings. The client does what the page does.

// Token is the token that the client sends itself, or "": a secret, which reaches
// no record.
func (c *Client) Token() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token
}

// SetToken has the client send a token itself, as the page does that keeps it. None
// changes nothing.
func (c *Client) SetToken(token string) {
	if token == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = token
}

// takeFrom takes over the token that an address hands out which a login leads to.
func (c *Client) takeFrom(address *url.URL) {
	if address.Host == c.cluster.Host && strings.HasSuffix(address.Path, landing) {
		c.SetToken(address.Query().Get("token"))
	}
}

// sign adds the token to a request below the cluster's path, unless that says
// itself what its credential is.
func (c *Client) sign(header http.Header) {
	token := c.Token()
	if _, own := header["Authorization"]; token != "" && !own {
		header.Set("Authorization", "Bearer "+token)
	}
}

// protocols are those that a page offers when it opens a WebSocket.
func (c *Client) protocols(additional []string) string {
	protocols := append([]string{"base64.binary.k8s.io"}, additional...)
	if token := c.Token(); token != "" {
		protocols = append(protocols, bearerProtocol+base64.RawURLEncoding.EncodeToString([]byte(token)))
	}
	return strings.Join(protocols, ", ")
}
