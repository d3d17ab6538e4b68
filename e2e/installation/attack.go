package installation

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// forgery is one way to claim the rights of Kubernetes' administrators.
type forgery struct {
	name   string
	header http.Header
	// watch opens a WebSocket with it in place of a plain request.
	watch bool
}

// longHeader is longer than any name of a user, and shorter than what servers take
// of a header.
const longHeader = 16 << 10

// forgeries are what is tried, each with the session's own credentials beside it
// (threat: privilege escalation; Kubernetes documentation, "User impersonation").
var forgeries = []forgery{
	{name: "user and group", header: http.Header{"Impersonate-User": {"admin"}, "Impersonate-Group": {"system:masters"}}},
	{name: "the group alone", header: http.Header{"Impersonate-Group": {"system:masters"}}},
	{name: "odd case", header: http.Header{"iMPERSONATE-uSER": {"admin"}, "impersonate-GROUP": {"system:masters"}}},
	{name: "doubled", header: http.Header{"Impersonate-User": {"admin", "admin"}, "Impersonate-Group": {"developers", "system:masters"}}},
	{name: "joined by commas", header: http.Header{"Impersonate-User": {"admin"}, "Impersonate-Group": {"developers,system:masters"}}},
	{name: "hop by hop", header: http.Header{
		"Connection": {"Impersonate-User, Impersonate-Group"}, "Impersonate-User": {"admin"}, "Impersonate-Group": {"system:masters"},
	}},
	{name: "extras, percent-encoded", header: http.Header{
		"Impersonate-User": {"admin"}, "Impersonate-Group": {"system:masters"}, "Impersonate-Extra-Acme.com%2fproject": {"all"},
	}},
	{name: "a UID", header: http.Header{"Impersonate-User": {"admin"}, "Impersonate-Uid": {"1"}, "Impersonate-Group": {"system:masters"}}},
	{name: "a very long name", header: http.Header{"Impersonate-User": {strings.Repeat("a", longHeader)}, "Impersonate-Group": {"system:masters"}}},
	{name: "as a front proxy", header: http.Header{"X-Remote-User": {"admin"}, "X-Remote-Group": {"system:masters"}}},
	{name: "without the own credential", header: http.Header{
		"Connection": {"Authorization"}, "Impersonate-User": {"admin"}, "Impersonate-Group": {"system:masters"},
	}},
	{name: "at a watch", watch: true, header: http.Header{"Impersonate-User": {"admin"}, "Impersonate-Group": {"system:masters"}}},
}

// forbiddenPath is what developers may not read, and administrators may.
const forbiddenPath = "/apis/rbac.authorization.k8s.io/v1/clusterroles"

// ForgeIdentities tries, with the session's cookies and headers of the sender's
// own choice, to read what the user may not.
func (s *Session) ForgeIdentities(ctx context.Context) error {
	s.in.tell(live.Message{State: live.Using})
	copied, err := s.CopyCookies(ctx)
	if err != nil {
		return err
	}
	for _, forged := range forgeries {
		status := 0
		var err error
		if forged.watch {
			status, err = openAndClose(ctx, copied.client, forbiddenPath+"?watch=1", forged.header)
		} else {
			answer, sendErr := copied.client.Send(ctx, rawclient.Request{Method: http.MethodGet, Path: forbiddenPath, Header: forged.header})
			status, err = answer.Status, sendErr
		}
		if err != nil {
			return s.in.undone(ctx, judge.NotServed, fmt.Errorf("forge an identity (%s): %w", forged.name, err))
		}
		s.in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Attempted, Text: forged.name, Count: status})
	}
	return nil
}

// AskForbidden asks, with the session's own credentials, for what administrators
// alone may read.
func (s *Session) AskForbidden(ctx context.Context) error {
	copied, err := s.CopyCookies(ctx)
	if err != nil {
		return err
	}
	answer, err := copied.client.Get(ctx, forbiddenPath)
	if err != nil {
		return s.in.undone(ctx, judge.NotServed, fmt.Errorf("ask for what is forbidden: %w", err))
	}
	s.in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Attempted, Text: forbiddenPath, Count: answer.Status})
	return nil
}

// Discover asks, with the session's own credentials, what the cluster has.
func (s *Session) Discover(ctx context.Context) error {
	copied, err := s.CopyCookies(ctx)
	if err != nil {
		return err
	}
	for _, path := range judge.Discovery {
		if _, err := copied.client.Get(ctx, path); err != nil {
			return s.in.undone(ctx, judge.NotServed, fmt.Errorf("ask what the cluster has: %w", err))
		}
	}
	return nil
}
