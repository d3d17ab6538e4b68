package rawclient

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// terminals are the protocols of a terminal.
var terminals = []string{"v4.channel.k8s.io", "channel.k8s.io"}

// streaming serves a WebSocket that speaks one of these protocols.
func streaming(t *testing.T, protocols []string, serve func(*websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{Subprotocols: protocols}
		socket, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = socket.Close() }()
		serve(socket)
	}
}

func TestATerminalIsHeardAndTalkedTo(t *testing.T) {
	t.Parallel()
	offered, typed := make(chan []string, 1), make(chan string, 1)
	serve := streaming(t, terminals, func(socket *websocket.Conn) {
		for _, message := range []string{"\x01", "\x01wel", "\x02not this", "\x01come"} {
			_ = socket.WriteMessage(websocket.BinaryMessage, []byte(message))
		}
		_, message, _ := socket.ReadMessage()
		typed <- string(message)
		_ = socket.WriteMessage(websocket.BinaryMessage, []byte("\x01heard"))
		_, _, _ = socket.ReadMessage()
	})
	client := newSite(t, map[string]http.HandlerFunc{"/clusters/main/exec": func(w http.ResponseWriter, r *http.Request) {
		offered <- websocket.Subprotocols(r)
		serve(w, r)
	}}).client(t)
	stream, err := client.Stream(t.Context(), "/exec?tty=1", terminals)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if got, want := <-offered, append([]string{"base64.binary.k8s.io"}, terminals...); !slices.Equal(got, want) {
		t.Errorf("it offered %q, want %q", got, want)
	}
	if err := stream.Hear("welcome"); err != nil {
		t.Fatal(err)
	}
	if err := stream.Say("hello\r"); err != nil {
		t.Fatal(err)
	}
	if got := <-typed; got != "\x00hello\r" {
		t.Errorf("it typed %q", got)
	}
	if err := stream.Hear("heard"); err != nil {
		t.Error(err)
	}
	// What was said before is remembered.
	if err := stream.Hear("welcome"); err != nil {
		t.Error(err)
	}
}

func TestALogIsReadOutOfItsText(t *testing.T) {
	t.Parallel()
	client := newSite(t, map[string]http.HandlerFunc{"/clusters/main/log": streaming(t, []string{"base64.binary.k8s.io"}, func(socket *websocket.Conn) {
		for _, line := range []string{"one\n", "two\n"} {
			_ = socket.WriteMessage(websocket.TextMessage, []byte(base64.StdEncoding.EncodeToString([]byte(line))))
		}
		_ = socket.WriteMessage(websocket.TextMessage, []byte("%"))
		_, _, _ = socket.ReadMessage()
	})}).client(t)
	stream, err := client.Stream(t.Context(), "/log?follow=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if err := stream.Hear("one\ntwo\n"); err != nil {
		t.Error(err)
	}
	if err := stream.Hear("three"); err == nil || !strings.Contains(err.Error(), "not in base64") {
		t.Errorf("what is no base64: %v", err)
	}
}

func TestAStreamThatEndsSaysWhatItHadSaid(t *testing.T) {
	t.Parallel()
	client := newSite(t, map[string]http.HandlerFunc{"/clusters/main/exec": streaming(t, terminals, func(socket *websocket.Conn) {
		_ = socket.WriteMessage(websocket.BinaryMessage, []byte("\x01bye"))
	})}).client(t)
	stream, err := client.Stream(t.Context(), "/exec", terminals)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	if err := stream.Hear("welcome"); err == nil || !strings.Contains(err.Error(), `after it said "bye"`) {
		t.Errorf("got %v", err)
	}
}

func TestASilentStreamEndsWithItsContext(t *testing.T) {
	t.Parallel()
	client := newSite(t, map[string]http.HandlerFunc{"/clusters/main/exec": streaming(t, terminals, func(socket *websocket.Conn) {
		_, _, _ = socket.ReadMessage()
	})}).client(t)
	why := errors.New("long enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	stream, err := client.Stream(ctx, "/exec", terminals)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close()
	// It comes before the wait, or in it.
	go cancel(why)
	if err := stream.Hear("welcome"); !errors.Is(err, why) {
		t.Errorf("got %v", err)
	}
}

func TestARefusedStreamSaysWhatWasAnswered(t *testing.T) {
	t.Parallel()
	client := newSite(t, nil).client(t)
	_, err := client.Stream(t.Context(), "/exec?token="+token, terminals)
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Answer.Status != http.StatusNotFound {
		t.Fatalf("got %v", err)
	}
	requireNoSecret(t, err)
}
