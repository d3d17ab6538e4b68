package rawclient

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/gorilla/websocket"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// Of a terminal, each message begins with the number of the stream that it belongs
// to (Kubernetes, "WebSocket protocols": channel.k8s.io).
const (
	stdinChannel  = 0
	stdoutChannel = 1
)

// Stream is an open terminal, or a log that is followed.
type Stream struct {
	*upgraded
	heard strings.Builder
}

// Stream opens a stream of a path below the cluster's, its query included, as a
// page does: with these protocols beside those of every WebSocket of the page. It
// ends with ctx, too.
func (c *Client) Stream(ctx context.Context, path string, protocols []string) (*Stream, error) {
	opened, err := c.upgrade(ctx, "open "+redact.URL(path), path, c.handshake(nil, protocols...))
	if err != nil {
		return nil, err
	}
	return &Stream{upgraded: opened}, nil
}

// Hear waits until the stream has said a text, be it before.
func (s *Stream) Hear(text string) error {
	for !strings.Contains(s.heard.String(), text) {
		kind, message, err := s.socket.ReadMessage()
		if err != nil {
			return fmt.Errorf("%w, after it said %q", explain(s.ctx, s.what, err), excerpt("", []byte(s.heard.String())))
		}
		switch {
		case kind == websocket.TextMessage:
			plain, err := base64.StdEncoding.DecodeString(string(message))
			if err != nil {
				return fmt.Errorf("%s: it said what is not in base64: %q", s.what, excerpt("", message))
			}
			s.heard.Write(plain)
		case len(message) > 0 && message[0] == stdoutChannel:
			s.heard.Write(message[1:])
		}
	}
	return nil
}

// Say types a text into a terminal.
func (s *Stream) Say(text string) error {
	if err := s.socket.WriteMessage(websocket.BinaryMessage, append([]byte{stdinChannel}, text...)); err != nil {
		return explain(s.ctx, s.what, err)
	}
	return nil
}
