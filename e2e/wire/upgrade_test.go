package wire_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// echo upgrades the connection and sends back whatever comes, until the client
// goes.
func echo(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Upgrade") != "websocket" || request.Header.Get("Sec-Websocket-Protocol") != "v5.channel.k8s.io" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		connection, buffered, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer connection.Close()
		_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		_, _ = io.Copy(connection, buffered)
	}
}

// upgrade sends a WebSocket's handshake and returns what was answered.
func (r *rig) upgrade(t *testing.T) (*http.Response, net.Conn, *bufio.Reader) {
	t.Helper()
	connection, err := tls.Dial("tcp", r.address, r.tls)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	if err := connection.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	request := r.request(t, t.Context(), http.MethodGet, "/api/v1/pods?watch=1", nil)
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "websocket")
	request.Header.Set("Sec-WebSocket-Protocol", "v5.channel.k8s.io")
	if err := request.Write(connection); err != nil {
		t.Fatal(err)
	}
	answers := bufio.NewReader(connection)
	response, err := http.ReadResponse(answers, request)
	if err != nil {
		t.Fatal(err)
	}
	return response, connection, answers
}

func TestAWebSocketPassesBothWaysAndItsEndIsRecorded(t *testing.T) {
	t.Parallel()
	r := newRig(t, echo(t))
	response, connection, answers := r.upgrade(t)
	if response.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("answered %d", response.StatusCode)
	}
	for _, message := range []string{"ping\n", "pong\n"} {
		if _, err := io.WriteString(connection, message); err != nil {
			t.Fatal(err)
		}
		if got, err := answers.ReadString('\n'); err != nil || got != message {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if record := r.recorded(t, timeline.Responded); record.Status != http.StatusSwitchingProtocols || !record.WebSocket {
		t.Errorf("recorded %+v", record)
	}
	if kinds := r.kinds(); len(kinds) != 1 {
		t.Errorf("while it is open: %v", kinds)
	}
	connection.Close()
	if ended := r.recorded(t, timeline.Ended); !ended.WebSocket || ended.ID != "tap-1" {
		t.Errorf("ended %+v", ended)
	}
}

func TestARefusedHandshakeIsAnAnswerAndNothingMore(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	response, _, _ := r.upgrade(t)
	response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("answered %d", response.StatusCode)
	}
	if record := r.recorded(t, timeline.Responded); record.Status != http.StatusUnauthorized || !record.WebSocket {
		t.Errorf("recorded %+v", record)
	}
}

func TestCloseCutsWhatIsOpen(t *testing.T) {
	t.Parallel()
	webSocket := newRig(t, echo(t))
	_, _, answers := webSocket.upgrade(t)
	watch := newRig(t, func(w http.ResponseWriter, request *http.Request) {
		w.(http.Flusher).Flush()
		<-request.Context().Done()
	})
	response, err := watch.client.Do(watch.request(t, t.Context(), http.MethodGet, "/?watch=1", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	for name, open := range map[string]struct {
		rig  *rig
		body io.Reader
	}{"a WebSocket": {webSocket, answers}, "a watch": {watch, response.Body}} {
		if err := open.rig.proxy.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// It ends, in whatever way: an open one would end at the deadline alone.
		_, err := io.ReadAll(open.body)
		if err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("%s is still open: %v", name, err)
		}
		open.rig.recorded(t, timeline.Ended)
		if kinds := open.rig.kinds(); !slices.Equal(kinds, []timeline.Kind{timeline.Responded, timeline.Ended}) {
			t.Errorf("%s: recorded %v", name, kinds)
		}
		if connection, err := net.Dial("tcp", open.rig.address); err == nil {
			connection.Close()
			t.Errorf("%s: the proxy still listens", name)
		}
	}
}
