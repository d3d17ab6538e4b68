package kubelet_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/kubelet"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
)

const (
	apiServer = "api-server"
	limit     = 20 * time.Second
	// v4 is the protocol of a terminal: each message begins with its stream's
	// number.
	v4            = "v4.channel.k8s.io"
	stdin, stdout = 0, 1
)

// started is a running kubelet, and who vouches for its clients.
type started struct {
	*kubelet.Kubelet
	authority *pki.Authority
}

func start(t *testing.T) started {
	t.Helper()
	authority, err := pki.NewAuthority(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	running, err := kubelet.Start(authority, apiServer)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := running.Close(); err != nil {
			t.Error(err)
		}
	})
	return started{running, authority}
}

// as is how a client with a certificate of an authority talks to it.
func (s started) as(t *testing.T, name string, of *pki.Authority) *tls.Config {
	t.Helper()
	pair, err := of.Client(name)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{RootCAs: s.authority.Pool(), Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
}

// get asks for a path.
func (s started) get(t *testing.T, with *tls.Config, path string) (*http.Response, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	transport := &http.Transport{TLSClientConfig: with}
	t.Cleanup(transport.CloseIdleConnections)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address("https", path), nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err == nil {
		t.Cleanup(func() { response.Body.Close() })
	}
	return response, err
}

func (s started) address(scheme, path string) string {
	return scheme + "://" + kubelet.Host + ":" + strconv.Itoa(s.Port()) + path
}

// open opens a terminal.
func (s started) open(t *testing.T, query string) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{TLSClientConfig: s.as(t, apiServer, s.authority), HandshakeTimeout: limit, Subprotocols: []string{"base64.binary.k8s.io", v4}}
	socket, response, err := dialer.DialContext(t.Context(), s.address("wss", "/exec/here/pod/main?command=sh&"+query), nil)
	if err != nil {
		t.Fatalf("%v, %v", err, response)
	}
	t.Cleanup(func() { socket.Close() })
	if got := socket.Subprotocol(); got != v4 {
		t.Fatalf("it speaks %q", got)
	}
	if err := socket.SetReadDeadline(time.Now().Add(limit)); err != nil {
		t.Fatal(err)
	}
	return socket
}

// hear reads until the terminal has said a text.
func hear(t *testing.T, socket *websocket.Conn, text string) {
	t.Helper()
	var heard strings.Builder
	for !strings.Contains(heard.String(), text) {
		_, message, err := socket.ReadMessage()
		if err != nil {
			t.Fatalf("heard %q, then %v", heard.String(), err)
		}
		if len(message) > 0 && message[0] == stdout {
			heard.Write(message[1:])
		}
	}
}

func say(t *testing.T, socket *websocket.Conn, text string) {
	t.Helper()
	if err := socket.WriteMessage(websocket.BinaryMessage, append([]byte{stdin}, text...)); err != nil {
		t.Fatal(err)
	}
}

func TestATerminalGreetsAndEchoes(t *testing.T) {
	t.Parallel()
	running := start(t)
	for name, enter := range map[string]string{"a terminal": "\r", "a program": "\n"} {
		socket := running.open(t, "input=1&output=1&error=1&tty=1")
		hear(t, socket, kubelet.Greeting("here", "pod")+"\r\n")
		// A line comes in pieces.
		say(t, socket, "one")
		say(t, socket, "two"+enter+"three"+enter)
		hear(t, socket, kubelet.Echo("onetwo")+"\r\n"+kubelet.Echo("three")+"\r\n")
		if err := socket.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestATerminalWithoutInputGreetsAndEnds(t *testing.T) {
	t.Parallel()
	socket := start(t).open(t, "output=1")
	hear(t, socket, kubelet.Greeting("here", "pod"))
	for {
		if _, _, err := socket.ReadMessage(); err != nil {
			if !websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseAbnormalClosure, websocket.CloseNoStatusReceived) {
				t.Error(err)
			}
			return
		}
	}
}

func TestALogIsOneLineOrIsFollowed(t *testing.T) {
	t.Parallel()
	running := start(t)
	with := running.as(t, apiServer, running.authority)
	whole, err := running.get(t, with, "/containerLogs/here/pod/main?tailLines=100")
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(whole.Body)
	if err != nil || string(content) != kubelet.LogLine("here", "pod")+"\n" {
		t.Errorf("the log is %q, %v", content, err)
	}
	followed, err := running.get(t, with, "/containerLogs/here/pod/main?follow=true")
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(followed.Body)
	for range 2 {
		if !lines.Scan() || lines.Text() != kubelet.LogLine("here", "pod") {
			t.Fatalf("it goes on with %q, %v", lines.Text(), lines.Err())
		}
	}
}

func TestNobodyButTheAPIServerIsLetIn(t *testing.T) {
	t.Parallel()
	running := start(t)
	foreign, err := pki.NewAuthority("foreign")
	if err != nil {
		t.Fatal(err)
	}
	for name, with := range map[string]*tls.Config{
		"nobody":              {RootCAs: running.authority.Pool(), MinVersion: tls.VersionTLS12},
		"an administrator":    running.as(t, "admin", running.authority),
		"a foreign authority": running.as(t, apiServer, foreign),
	} {
		if response, err := running.get(t, with, "/containerLogs/here/pod/main"); err == nil {
			t.Errorf("%s was answered %s", name, response.Status)
		}
	}
}

func TestWhatItDoesNotServeIsRefused(t *testing.T) {
	t.Parallel()
	running := start(t)
	with := running.as(t, apiServer, running.authority)
	for path, want := range map[string]int{
		"/pods": http.StatusNotFound, "/containerLogs/here/pod": http.StatusNotFound,
		"/exec/here/pod/main?command=sh": http.StatusBadRequest,
	} {
		response, err := running.get(t, with, path)
		if err != nil || response.StatusCode != want {
			t.Errorf("%s: %v, %v", path, response, err)
		}
	}
}

func TestCloseEndsWhatIsOpen(t *testing.T) {
	t.Parallel()
	running := start(t)
	socket := running.open(t, "input=1&output=1&tty=1")
	hear(t, socket, kubelet.Greeting("here", "pod"))
	followed, err := running.get(t, running.as(t, apiServer, running.authority), "/containerLogs/here/pod/main?follow=true")
	if err != nil {
		t.Fatal(err)
	}
	if err := running.Close(); err != nil {
		t.Fatal(err)
	}
	for {
		if _, _, err := socket.ReadMessage(); err != nil {
			break
		}
	}
	if _, err := io.Copy(io.Discard, followed.Body); err != nil && t.Context().Err() != nil {
		t.Error("the log goes on")
	}
	if _, err := running.get(t, running.as(t, apiServer, running.authority), "/containerLogs/here/pod/main"); err == nil {
		t.Error("it still answers")
	}
}
