package rawclient

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
)

func TestARefreshedCookieIsSentFromThenOn(t *testing.T) {
	t.Parallel()
	refresh := func(next string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			setSession(w, next)
			if !websocket.IsWebSocketUpgrade(r) {
				fmt.Fprint(w, session(r))
				return
			}
			upgrader := websocket.Upgrader{}
			if socket, err := upgrader.Upgrade(w, r, w.Header()); err == nil {
				_ = socket.Close()
			}
		}
	}
	client := newSite(t, map[string]http.HandlerFunc{
		"/clusters/main/1": refresh("first"), "/clusters/main/2": refresh("second"), "/clusters/main/w": refresh("watched"),
		"/clusters/main/end": func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "headlamp-auth-main.0", Path: "/clusters/main", MaxAge: -1})
			w.WriteHeader(http.StatusUnauthorized)
		},
	}).client(t)
	if err := client.LogIn(t.Context(), "dev", password); err != nil {
		t.Fatal(err)
	}
	var sent []string
	get := func(path string) {
		answer, err := client.Get(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		sent = append(sent, string(answer.Body))
	}
	get("/1")
	get("/2")
	watch, err := client.Watch(t.Context(), "/w", nil)
	if err != nil {
		t.Fatal(err)
	}
	watch.Close()
	get("/1")
	get("/end")
	get("/1")
	if want := []string{token, "first", "watched", "", "none"}; !slices.Equal(sent, want) {
		t.Errorf("the requests came with %q, want %q", sent, want)
	}
}

func TestWhateverIsAnsweredIsAnAnswer(t *testing.T) {
	t.Parallel()
	client := newSite(t, map[string]http.HandlerFunc{
		"/clusters/main/redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
		"/clusters/main/refuse":   func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no\nstate="+state, http.StatusForbidden) },
		"/clusters/main/long": func(w http.ResponseWriter, _ *http.Request) {
			// Fails when the client has read enough.
			_, _ = w.Write(make([]byte, answerLimit+1))
		},
	}).client(t)
	if got, err := client.Get(t.Context(), "/redirect?x=1"); err != nil || got.Status != http.StatusFound || got.Header.Get("Location") != "/elsewhere" {
		t.Errorf("a redirect: %s, %v", got, err)
	}
	if got, err := client.Get(t.Context(), "/refuse"); err != nil || !strings.HasPrefix(got.String(), `403: "no state=redacted-`) {
		t.Errorf("a refusal: %s, %v", got, err)
	}
	_, err := client.Get(t.Context(), "/long")
	requireSays(t, err, "GET /long", "longer than")
	_, err = client.Get(t.Context(), "/%?token="+token)
	requireSays(t, err, "GET /%?token=redacted-")
}

func TestADocumentIsSentAsAPageSendsIt(t *testing.T) {
	t.Parallel()
	client := newSite(t, map[string]http.HandlerFunc{"/clusters/main/x": func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %s", r.Method, r.Header.Get("Content-Type"), body)
	}}).client(t)
	for method, want := range map[string]string{
		http.MethodPost:  `POST application/json {"a":1}`,
		http.MethodPut:   `PUT application/json {"a":1}`,
		http.MethodPatch: `PATCH application/merge-patch+json {"a":1}`,
	} {
		if got, err := client.Do(t.Context(), method, "/x", map[string]int{"a": 1}); err != nil || string(got.Body) != want {
			t.Errorf("%s: %q, %v", method, got.Body, err)
		}
	}
	if got, err := client.Do(t.Context(), http.MethodDelete, "/x", nil); err != nil || string(got.Body) != "DELETE  " {
		t.Errorf("without a body: %q, %v", got.Body, err)
	}
	if _, err := client.Do(t.Context(), http.MethodPost, "/x", func() {}); err == nil {
		t.Error("what is no document was sent")
	}
}

func TestHeadersAreSentAsTheyAre(t *testing.T) {
	t.Parallel()
	given := http.Header{
		"iMPERSONATE-uSER": {"boss"},
		"Impersonate-User": {"admin", "root"},
		"Connection":       {"keep-alive, Authorization"},
		"X-Empty":          {""},
		"User-Agent":       {"mine"},
	}
	lines := []string{
		"iMPERSONATE-uSER: boss", "Impersonate-User: admin", "Impersonate-User: root", "X-Empty: ", "User-Agent: mine", "Cookie: session=s",
	}
	for name, c := range map[string]struct {
		send func(*Client, http.Header) error
		want []string
	}{
		"a request": {func(c *Client, header http.Header) error {
			_, err := c.Send(t.Context(), Request{Method: "gEt", Path: "/a/../b?c=%zz", Header: header})
			return err
		}, append(slices.Clone(lines), "gEt /clusters/main/a/../b?c=%zz HTTP/1.1", "Connection: keep-alive, Authorization")},
		"a watch": {func(c *Client, header http.Header) error {
			header = header.Clone()
			delete(header, "Connection")
			header["X-Forwarded-For"] = []string{"1", "2"}
			_, err := c.Watch(t.Context(), "/a?watch=1", header)
			if err == nil || !strings.Contains(err.Error(), "answered 418") {
				return fmt.Errorf("the watch was answered %w", err)
			}
			return nil
		}, append(slices.Clone(lines), "GET /clusters/main/a?watch=1 HTTP/1.1", "Connection: Upgrade", "X-Forwarded-For: 1", "X-Forwarded-For: 2",
			"Sec-WebSocket-Protocol: base64.binary.k8s.io")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, sent := teapot(t)
			client.jar.SetCookies(client.cluster, []*http.Cookie{{Name: "session", Value: "s", Path: "/clusters/main", Secure: true}})
			if err := c.send(client, given); err != nil {
				t.Fatal(err)
			}
			got := <-sent
			for _, line := range c.want {
				if n := slices.Index(got, line); n < 0 {
					t.Errorf("%q is not in %q", line, got)
				} else {
					got = slices.Delete(got, n, n+1)
				}
			}
			for _, line := range got {
				if name, _, _ := strings.Cut(strings.ToLower(line), ":"); given[name] != nil || name == "impersonate-user" || name == "accept-encoding" || name == "user-agent" {
					t.Errorf("%q was sent, too", line)
				}
			}
		})
	}
}

// teapot answers 418 to anything, and tells the lines of the first request.
func teapot(t *testing.T) (*Client, <-chan []string) {
	t.Helper()
	authority, err := pki.NewAuthority(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := authority.Server("localhost")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	sent := make(chan []string, 1)
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = connection.Close() }()
		var lines []string
		for reader := bufio.NewReader(connection); ; {
			line, err := reader.ReadString('\n')
			if line = strings.TrimRight(line, "\r\n"); err != nil || line == "" {
				break
			}
			lines = append(lines, line)
		}
		_, _ = io.WriteString(connection, "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 0\r\n\r\n")
		sent <- lines
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	client, err := New(Options{Front: "https://localhost:" + port, Cluster: "main", Roots: authority.Pool()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client, sent
}

func TestAHeaderThatWouldBeLeftOutIsRefused(t *testing.T) {
	t.Parallel()
	client := newSite(t, nil).client(t)
	for _, name := range []string{"Host", "Content-Length", "Transfer-Encoding", "Trailer"} {
		header := http.Header{name: {"1"}}
		_, err := client.Send(t.Context(), Request{Method: http.MethodGet, Path: "/x", Header: header})
		requireSays(t, err, "the header "+name)
		_, err = client.Watch(t.Context(), "/x", header)
		requireSays(t, err, "the header "+name)
	}
	// What belongs to the handshake is refused by the library.
	_, err := client.Watch(t.Context(), "/x", http.Header{"Upgrade": {"h2c"}})
	requireSays(t, err, "Upgrade")
}

// watched is a site whose /w tells messages, and then waits for the other side.
func watched(t *testing.T, messages ...string) (*Client, <-chan error) {
	t.Helper()
	ended := make(chan error, 1)
	made := newSite(t, nil)
	made.with = map[string]http.HandlerFunc{"/clusters/main/w": func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{
			Subprotocols: []string{"base64.binary.k8s.io"},
			CheckOrigin:  func(r *http.Request) bool { return r.Header.Get("Origin") == made.dashboard },
		}
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = socket.Close() }()
		for i, message := range messages {
			// A page takes both kinds.
			_ = socket.WriteMessage([]int{websocket.TextMessage, websocket.BinaryMessage}[i%2], []byte(message))
		}
		_, _, err = socket.ReadMessage()
		ended <- err
	}, "/clusters/main/no": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "forbidden", http.StatusForbidden) }}
	return made.client(t), ended
}

func TestAWatchTellsEventsUntilItIsClosed(t *testing.T) {
	t.Parallel()
	client, ended := watched(t, `{"type":"ADDED","object":{"a":1}}`, `{"type":"DELETED"}`, `{"token":"`+token+`"}`)
	watch, err := client.Watch(t.Context(), "/w?watch=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`ADDED {"a":1}`, "DELETED "} {
		if event, err := watch.Next(); err != nil || event.Type+" "+string(event.Object) != want {
			t.Errorf("%+v, %v", event, err)
		}
	}
	_, err = watch.Next()
	requireSays(t, err, "watch /w?watch=1", "no event")
	watch.Close()
	if err := <-ended; !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("the other side saw %v", err)
	}
	if _, err := watch.Next(); err == nil {
		t.Error("a closed watch told an event")
	}
}

func TestAWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	client, ended := watched(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	watch, err := client.Watch(ctx, "/w", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close()
	cancel(fmt.Errorf("the hold is over"))
	_, err = watch.Next()
	requireSays(t, err, "watch /w", "the hold is over")
	<-ended
}

func TestARefusedWatchSaysWhatWasAnswered(t *testing.T) {
	t.Parallel()
	client, _ := watched(t)
	_, err := client.Watch(t.Context(), "/no?token="+token, nil)
	requireSays(t, err, "watch /no?token=redacted-", `answered 403: "forbidden"`)
}

func TestABaseURLIsNoPartOfTheOrigin(t *testing.T) {
	t.Parallel()
	client, err := New(Options{Front: "https://localhost:9443/headlamp", Cluster: "main"})
	if err != nil {
		t.Fatal(err)
	}
	if got := client.handshake(nil).Get("Origin"); got != "https://localhost:9443" {
		t.Errorf("the origin is %q", got)
	}
	if got := client.cluster.String(); got != "https://localhost:9443/headlamp/clusters/main" {
		t.Errorf("the cluster is at %q", got)
	}
}
