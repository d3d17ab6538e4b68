package installation

import (
	"context"
	"fmt"
	"net/http"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// Look asks for the list of namespaces with the session's own credentials.
func (s *Session) Look(ctx context.Context) error {
	return s.attempt(ctx, judge.Looks, http.MethodGet, namespacesPath)
}

// DeleteInVain looks, with the session's own credentials, at an object that an
// administrator has made, deletes it, and notes whether it is still there.
func (s *Session) DeleteInVain(ctx context.Context) error {
	in := s.in
	namespace, err := in.makeNamespace(ctx, "stays")
	if err != nil {
		return err
	}
	const name = "stays"
	if err := in.stand.Cluster.CreateConfigMap(ctx, namespace, name); err != nil {
		return environment("make an object that stays", err)
	}
	collection := namespacesPath + "/" + namespace + "/configmaps"
	if err := s.attempt(ctx, judge.Looks, http.MethodGet, collection); err != nil {
		return err
	}
	if err := s.attempt(ctx, judge.Deletes, http.MethodDelete, collection+"/"+name); err != nil {
		return err
	}
	there, err := in.stand.Cluster.HasConfigMap(ctx, namespace, name)
	if err != nil {
		return environment("look for the object that stays", err)
	}
	if there {
		in.did(timeline.ObjectStayed)
	} else {
		in.did(timeline.ObjectGone)
	}
	return nil
}

// attempt sends a request with the session's own credentials, and notes the answer.
func (s *Session) attempt(ctx context.Context, level, method, path string) error {
	copied, err := s.CopyCookies(ctx)
	if err != nil {
		return err
	}
	answer, err := copied.client.Do(ctx, method, path, nil)
	if err != nil {
		return s.in.undone(ctx, judge.NotServed, fmt.Errorf("%s %s: %w", method, path, err))
	}
	s.in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Attempted, Level: level, Text: path, Count: answer.Status})
	return nil
}
