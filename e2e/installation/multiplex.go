package installation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// watchedNamespaces is another path by which namespaces are watched: another stream.
const watchedNamespaces = "/api/v1/watch/namespaces"

// party is somebody at the multiplexer.
type party struct {
	name   string // of the user, or "" without a session
	socket *rawclient.Multiplexer
}

// NameAnothersStream has a session ask for a stream at the multiplexer, and another
// session and a client without any ask for streams of the same name, which the latter
// closes. Then they ask the other way round. Whose streams those were, and whether the
// first session is still told what is new, is noted.
func (s *Session) NameAnothersStream(ctx context.Context, other *Session) error {
	s.in.tell(live.Message{State: live.Using})
	if err := s.beforeOthers(ctx, other); err != nil {
		return err
	}
	return s.afterAnother(ctx, other)
}

// beforeOthers: the session asks first, and a stranger closes what it asked for.
func (s *Session) beforeOthers(ctx context.Context, other *Session) error {
	in := s.in
	own, another, stranger, end, err := s.meet(ctx, other)
	if err != nil {
		return err
	}
	defer end()
	stream := rawclient.NamedStream{Cluster: clusterName, Path: namespacesPath, User: newName("names")}
	if err := in.askFor(ctx, judge.AsksFirst, stream, own); err != nil {
		return err
	}
	if err := in.askFor(ctx, judge.AsksAgain, stream, another, stranger); err != nil {
		return err
	}
	// One that the dashboard has not let in closes nothing.
	if stranger.socket != nil {
		if err := stranger.socket.CloseStream(stream); err != nil {
			return in.undone(ctx, judge.NotServed, fmt.Errorf("say at the multiplexer that a stream is to be closed: %w", err))
		}
		// What is said on one WebSocket is done in its order: when the next is answered,
		// this has been done.
		next := rawclient.NamedStream{Cluster: clusterName, Path: watchedNamespaces, User: newName("names")}
		if err := in.askFor(ctx, judge.AsksFirst, next, stranger); err != nil {
			return err
		}
	}
	in.did(timeline.StreamClosedByStranger)
	return in.seeWhetherTold(ctx, own, stream)
}

// afterAnother: another session asks first.
func (s *Session) afterAnother(ctx context.Context, other *Session) error {
	in := s.in
	own, another, _, end, err := s.meet(ctx, other)
	if err != nil {
		return err
	}
	defer end()
	stream := rawclient.NamedStream{Cluster: clusterName, Path: watchedNamespaces, User: newName("names")}
	if err := in.askFor(ctx, judge.AsksFirst, stream, another); err != nil {
		return err
	}
	if err := in.askFor(ctx, judge.AsksAgain, stream, own); err != nil {
		return err
	}
	return in.seeWhetherTold(ctx, own, stream)
}

// meet opens a WebSocket to the multiplexer for both sessions, with cookies as good as
// new, and for a client without any session.
func (s *Session) meet(ctx context.Context, other *Session) (own, another, stranger party, end func(), err error) {
	var opened []party
	end = func() {
		for _, each := range opened {
			if each.socket != nil {
				each.socket.Close()
			}
		}
	}
	open := func(name string, client *rawclient.Client) error {
		socket, err := client.OpenMultiplexer(ctx)
		var refused *rawclient.RefusedError
		switch {
		case errors.As(err, &refused) && name == "":
			// Nobody's promise is it to let a stranger in.
		case errors.As(err, &refused) && !serves(refused.Answer):
			return &InapplicableError{Reason: fmt.Sprintf("the dashboard serves no multiplexer of WebSockets: it answers %d", refused.Answer.Status)}
		case err != nil:
			return s.in.undone(ctx, judge.NotServed, err)
		}
		opened = append(opened, party{name, socket})
		return nil
	}
	for _, each := range []*Session{s, other} {
		if err := each.useAfterIdling(ctx); err != nil {
			end()
			return own, another, stranger, end, err
		}
		copied, err := each.CopyCookies(ctx)
		if err == nil {
			err = open(each.user.Name, copied.client)
		}
		if err != nil {
			end()
			return own, another, stranger, end, err
		}
	}
	nobody, err := s.in.newClient()
	if err == nil {
		err = open("", nobody)
	}
	if err != nil {
		end()
		return own, another, stranger, end, err
	}
	return opened[0], opened[1], opened[2], end, nil
}

// serves says whether an answer to the handshake is one of a dashboard that has the
// route. One without it has a page for every address, or says that there is none.
func serves(answer rawclient.Answer) bool {
	return answer.Status != http.StatusNotFound && answer.Status != http.StatusMethodNotAllowed &&
		!(answer.Status == http.StatusOK && strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html"))
}

// useAfterIdling asks who the session's user is, so that the session is renewed if it is
// time. What the first request after an expiry is answered is another scenario's: the
// one after that counts.
func (s *Session) useAfterIdling(ctx context.Context) error {
	if status, _, err := s.way.askWhoIAm(ctx); err == nil && status == http.StatusCreated {
		return nil
	}
	return s.AskWhoIAm(ctx)
}

// askFor has parties ask for a stream, notes that, and waits until the API server was
// asked for each, and each has told what there is: then the dashboard knows the streams
// by their name. Of a stranger's it waits until that was answered at all. That none of
// it happened is for the rule to say.
func (in *Installation) askFor(ctx context.Context, kind string, stream rawclient.NamedStream, parties ...party) error {
	bounded, cancel := context.WithTimeout(ctx, judge.AliveWithin)
	defer cancel()
	asked := map[string]party{}
	for _, who := range parties {
		if who.socket == nil {
			continue
		}
		query := "watch=1&attempt=" + newName("stream")
		address := stream.Path + "?" + query
		begun := time.Now().UTC()
		if err := who.socket.Ask(stream, query); err != nil {
			return in.undone(ctx, judge.NotServed, fmt.Errorf("ask for a stream at the multiplexer: %w", err))
		}
		in.recorder.Add(timeline.Event{
			Witness: timeline.Suite, Kind: timeline.Attempted, Text: who.name, Level: kind,
			Request: &timeline.Request{Method: http.MethodGet, URL: address, Began: begun},
		})
		asked[address] = who
	}
	for address, who := range asked {
		answered := func(line timeline.Timeline) bool { return judge.AnsweredAtTap(line, address) }
		err := error(nil)
		if who.name == "" {
			// A stranger's is refused, perhaps before it gets to the API server.
			err = who.socket.AwaitAnswer(bounded, stream)
		} else if err = in.recorder.Await(bounded, answered); err == nil {
			err = who.socket.AwaitTold(bounded, stream, "")
		}
		if err != nil && ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return nil
}

// seeWhetherTold makes a namespace, and notes whether a stream tells of it.
func (in *Installation) seeWhetherTold(ctx context.Context, who party, stream rawclient.NamedStream) error {
	namespace := newName("told")
	if err := in.stand.Cluster.CreateNamespace(ctx, namespace); err != nil {
		return environment("make a namespace for a stream to tell of", err)
	}
	in.onClose(func(ctx context.Context) error { return in.stand.Cluster.DeleteNamespace(ctx, namespace) })
	bounded, cancel := context.WithTimeout(ctx, judge.AliveWithin)
	defer cancel()
	count := 1
	if err := who.socket.AwaitTold(bounded, stream, namespace); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		count = 0
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.StreamTold, Text: who.name, Level: stream.Path, Count: count})
	return nil
}
