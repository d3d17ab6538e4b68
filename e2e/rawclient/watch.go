package rawclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/gorilla/websocket"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// farewell is how long saying that a WebSocket is over may take.
const farewell = time.Second

// Event is one event of a watch (Kubernetes API reference, WatchEvent).
type Event struct {
	Type   string          `json:"type"` // ADDED, MODIFIED, DELETED, BOOKMARK or ERROR
	Object json.RawMessage `json:"object"`
}

// upgraded is an open WebSocket.
type upgraded struct {
	ctx    context.Context
	what   string
	socket *websocket.Conn
	unbind func() bool // from the end of ctx
}

// Watch is an open WebSocket on which the API server tells events.
type Watch struct{ *upgraded }

// RefusedError is the answer to a WebSocket that was not opened.
type RefusedError struct {
	What   string
	Answer Answer
}

func (e *RefusedError) Error() string { return fmt.Sprintf("%s: answered %s", e.What, e.Answer) }

// Watch opens a watch of a path below the cluster's, its query included, as a
// page does. It ends with ctx, too. header is sent as it is, beside the session's
// cookies and what makes the request a WebSocket's; it may be nil.
func (c *Client) Watch(ctx context.Context, path string, header http.Header) (*Watch, error) {
	what := "watch " + redact.URL(path)
	if name := unsendable(header); name != "" {
		return nil, fmt.Errorf("%s: the header %s is made from the request and cannot be sent as it is", what, name)
	}
	opened, err := c.upgrade(ctx, what, path, c.handshake(header))
	if err != nil {
		return nil, err
	}
	return &Watch{opened}, nil
}

// upgrade opens a WebSocket below the cluster's path, with the session's cookies.
func (c *Client) upgrade(ctx context.Context, what, path string, header http.Header) (*upgraded, error) {
	address := *c.cluster
	address.Scheme = "wss"
	return c.dial(ctx, what, address.String()+path, header, c.jar)
}

// dial opens a WebSocket, with the cookies of the jar if there is one.
func (c *Client) dial(ctx context.Context, what, address string, header http.Header, jar http.CookieJar) (*upgraded, error) {
	unbind := func() bool { return true }
	dialer := websocket.Dialer{
		NetDialContext: func(handshake context.Context, network, address string) (net.Conn, error) {
			connection, err := new(net.Dialer).DialContext(handshake, network, address)
			if err == nil {
				// Nothing else ends a handshake, or a wait for an event, at once.
				unbind = context.AfterFunc(ctx, func() { _ = connection.Close() })
			}
			return connection, err
		},
		TLSClientConfig:  tlsConfig(c.options),
		HandshakeTimeout: c.limit,
		Jar:              jar,
	}
	socket, response, err := dialer.DialContext(ctx, address, header)
	if err != nil {
		unbind()
		switch {
		case errors.Is(err, websocket.ErrBadHandshake) && response != nil:
			// The dialer has read its beginning already.
			body, _ := io.ReadAll(response.Body)
			return nil, &RefusedError{What: what, Answer: Answer{response.StatusCode, response.Header, body}}
		case errors.Is(err, os.ErrDeadlineExceeded):
			return nil, fmt.Errorf("%s: not opened within %s", what, c.limit)
		default:
			return nil, explain(ctx, what, err)
		}
	}
	socket.SetReadLimit(answerLimit)
	return &upgraded{ctx: ctx, what: what, socket: socket, unbind: unbind}, nil
}

// handshake is what a page's WebSocket says, unless given says something else. It
// offers these protocols, too.
func (c *Client) handshake(given http.Header, additional ...string) http.Header {
	header := withUserAgent(given)
	for name, value := range map[string]string{
		"Origin": c.cluster.Scheme + "://" + c.cluster.Host, "Sec-Websocket-Protocol": c.protocols(additional),
	} {
		if _, own := header[name]; !own {
			header[name] = []string{value}
		}
	}
	return header
}

// Next waits for the next event. An error means that the watch is over.
func (w *Watch) Next() (Event, error) {
	_, message, err := w.socket.ReadMessage()
	if err != nil {
		return Event{}, explain(w.ctx, w.what, err)
	}
	var event Event
	if err := json.Unmarshal(message, &event); err != nil || event.Type == "" {
		return Event{}, fmt.Errorf("%s: told what is no event: %q", w.what, excerpt("", message))
	}
	return event, nil
}

// Close ends it, and says so: a client that is gone without a word is an error to
// the other side.
func (u *upgraded) Close() {
	u.unbind()
	// The other side may be gone: then it knows.
	_ = u.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(farewell))
	_ = u.socket.Close()
}
