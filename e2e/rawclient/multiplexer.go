package rawclient

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// multiplexerPath is where a dashboard serves many WebSockets to the API server over
// one of the browser's.
const multiplexerPath = "/wsMultiplexer"

// NamedStream is what a WebSocket over the multiplexer is called: names that the client
// makes up itself.
type NamedStream struct {
	Cluster string `json:"clusterId"`
	Path    string `json:"path"`
	User    string `json:"userId"`
}

// multiplexed is a message of the multiplexer's, either way.
type multiplexed struct {
	NamedStream
	Query string `json:"query"`
	Type  string `json:"type"`
	Data  string `json:"data,omitempty"`
}

// Multiplexer is an open WebSocket to the multiplexer. It hears until it ends, and
// its streams end with it.
type Multiplexer struct {
	*upgraded
	writing sync.Mutex

	mu      sync.Mutex
	told    []multiplexed
	changed chan struct{}
}

// OpenMultiplexer opens a WebSocket to the multiplexer, with the session's cookies,
// whatever path they are for: what a browser would keep to itself, another client
// need not. It ends with ctx. The error is a RefusedError where the dashboard answers
// otherwise.
func (c *Client) OpenMultiplexer(ctx context.Context) (*Multiplexer, error) {
	const what = "open the multiplexer"
	address, err := url.Parse(c.options.Front)
	if err != nil {
		return nil, explain(ctx, what, err)
	}
	header := withUserAgent(http.Header{"Origin": {address.Scheme + "://" + address.Host}})
	var cookies []string
	for _, cookie := range c.Cookies() {
		cookies = append(cookies, cookie.Name+"="+cookie.Value)
	}
	if len(cookies) > 0 {
		header.Set("Cookie", strings.Join(cookies, "; "))
	}
	address.Scheme = "wss"
	socket, err := c.dial(ctx, what, address.JoinPath(multiplexerPath).String(), header, nil)
	if err != nil {
		return nil, err
	}
	opened := &Multiplexer{upgraded: socket, changed: make(chan struct{})}
	go opened.hear()
	return opened, nil
}

// Ask asks for a stream, with a query for the API server.
func (m *Multiplexer) Ask(stream NamedStream, query string) error {
	return m.say(multiplexed{NamedStream: stream, Query: query, Type: "REQUEST"})
}

// CloseStream closes a stream, whosever it is.
func (m *Multiplexer) CloseStream(stream NamedStream) error {
	return m.say(multiplexed{NamedStream: stream, Type: "CLOSE"})
}

// AwaitTold waits until a stream has told a text. Without one it fails when ctx ends.
func (m *Multiplexer) AwaitTold(ctx context.Context, stream NamedStream, text string) error {
	return m.await(ctx, func(message multiplexed) bool {
		return message.Type == "DATA" && message.Path == stream.Path && strings.Contains(message.Data, text)
	})
}

// AwaitAnswer waits until the dashboard has said anything of a stream: that it was
// refused, too.
func (m *Multiplexer) AwaitAnswer(ctx context.Context, stream NamedStream) error {
	return m.await(ctx, func(message multiplexed) bool { return message.Path == stream.Path })
}

func (m *Multiplexer) await(ctx context.Context, fits func(multiplexed) bool) error {
	for {
		m.mu.Lock()
		changed := m.changed
		heard := slices.ContainsFunc(m.told, fits)
		m.mu.Unlock()
		if heard {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (m *Multiplexer) say(message multiplexed) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	return m.socket.WriteJSON(message)
}

func (m *Multiplexer) hear() {
	for {
		_, content, err := m.socket.ReadMessage()
		if err != nil {
			return
		}
		var message multiplexed
		if json.Unmarshal(content, &message) != nil {
			continue // it tells nothing
		}
		m.mu.Lock()
		m.told = append(m.told, message)
		close(m.changed)
		m.changed = make(chan struct{})
		m.mu.Unlock()
	}
}
