package rawclient

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// multiplexes answers each message with one that tells who sent it, and which.
func multiplexes(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = socket.Close() }()
	_ = socket.WriteMessage(websocket.TextMessage, []byte("no JSON"))
	for {
		var said multiplexed
		if err := socket.ReadJSON(&said); err != nil {
			return
		}
		said.Type, said.Data = "DATA", said.Type+" "+said.Query+" of "+session(r)
		_ = socket.WriteJSON(said)
	}
}

func TestTheMultiplexerIsReachedWithTheSessionsCookies(t *testing.T) {
	t.Parallel()
	client := newSite(t, map[string]http.HandlerFunc{multiplexerPath: multiplexes}).client(t)
	stream := NamedStream{Cluster: "main", Path: "/api/v1/namespaces", User: "own"}
	for _, want := range []string{"none", token} {
		opened, err := client.OpenMultiplexer(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer opened.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := errors.Join(opened.Ask(stream, "watch=1"), opened.AwaitTold(ctx, stream, "REQUEST watch=1 of "+want)); err != nil {
			t.Error(err)
		}
		if err := errors.Join(opened.CloseStream(stream), opened.AwaitTold(ctx, stream, "CLOSE  of "+want)); err != nil {
			t.Error(err)
		}
		if err := opened.AwaitAnswer(ctx, stream); err != nil {
			t.Error(err)
		}
		soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := opened.AwaitTold(soon, NamedStream{Path: "/another"}, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("another stream told something: %v", err)
		}
		if err := opened.AwaitAnswer(soon, NamedStream{Path: "/another"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("another stream was answered: %v", err)
		}
		if err := client.LogIn(t.Context(), "dev", password); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAMultiplexerThatIsNotThereSaysWhatItAnswered(t *testing.T) {
	t.Parallel()
	_, err := newSite(t, nil).client(t).OpenMultiplexer(t.Context())
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Answer.Status != http.StatusNotFound {
		t.Errorf("got %v", err)
	}
}

func TestAMultiplexerThatIsClosedSaysSo(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	client := newSite(t, map[string]http.HandlerFunc{multiplexerPath: func(w http.ResponseWriter, r *http.Request) {
		socket, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			ended <- err
			return
		}
		defer socket.Close()
		_, _, err = socket.ReadMessage()
		ended <- err
	}}).client(t)
	opened, err := client.OpenMultiplexer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	opened.Close()
	if err := <-ended; !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("the other side sees %v", err)
	}
}
