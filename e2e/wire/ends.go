package wire

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
)

// noticed is a body of which somebody is told when it breaks off.
type noticed struct {
	io.ReadCloser
	// cut, when it is not nil, ends the body at its own end. What is cut neither
	// ends well, as an upstream that sees it coming would have it, nor is it news.
	cut      context.Context
	brokeOff func(error)
}

func (n *noticed) Read(buffer []byte) (int, error) {
	read, err := n.ReadCloser.Read(buffer)
	switch {
	case err == nil:
	case n.cut != nil && n.cut.Err() != nil:
		return read, n.cut.Err()
	case !errors.Is(err, io.EOF):
		n.brokeOff(err)
	}
	return read, err
}

// cutWith closes a connection that is taken over from the server when the context
// ends. Of an upgraded one the reverse proxy closes the upstream's side alone, and
// then may wait for the client to close the other.
type cutWith struct {
	http.ResponseWriter
	ctx context.Context
}

func (c cutWith) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c cutWith) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffered, err := http.NewResponseController(c.ResponseWriter).Hijack()
	if err == nil {
		context.AfterFunc(c.ctx, func() { connection.Close() })
	}
	return connection, buffered, err
}
