package installation

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// ofAdministrators is what AskForbidden asks for, as the authorizer names it.
var ofAdministrators = cluster.Attributes{Verb: "list", Group: "rbac.authorization.k8s.io", Resource: "clusterroles"}

// binding is the name of a user's own binding.
func binding(user User) string { return "of-" + user.Name }

// MakeAdministrator gives a user all rights, by a binding of the user's own.
func (in *Installation) MakeAdministrator(ctx context.Context, user User) error {
	in.onClose(func(ctx context.Context) error { return in.stand.Cluster.Revoke(ctx, binding(user)) })
	if err := in.stand.Cluster.Grant(ctx, binding(user), user.Name, "cluster-admin"); err != nil {
		return environment("make the user an administrator", err)
	}
	return environment("make the user an administrator", in.awaitRight(ctx, user, true))
}

// AllowBareName gives all rights to the name that the user's token says, as one does
// who does not know of the prefix that the API server puts before it.
func (in *Installation) AllowBareName(ctx context.Context, user User) error {
	if err := in.MakeAdministrator(ctx, user); err != nil {
		return err
	}
	in.did(timeline.BareNameAllowed)
	return nil
}

// AllowKnownName gives all rights to the name by which the API server has to know
// the user.
func (in *Installation) AllowKnownName(ctx context.Context, user User) error {
	user.Name = in.recorder.Timeline().Header.UsernamePrefix + user.Name
	name := newName("known")
	in.onClose(func(ctx context.Context) error { return in.stand.Cluster.Revoke(ctx, name) })
	if err := in.stand.Cluster.Grant(ctx, name, user.Name, "cluster-admin"); err != nil {
		return environment("give the user all rights under the prefixed name", err)
	}
	if err := in.awaitRight(ctx, user, true); err != nil {
		return environment("give the user all rights under the prefixed name", err)
	}
	in.did(timeline.KnownNameAllowed)
	return nil
}

// TakeRights takes the user's own binding away, and notes when the API server's
// authorizer knows it.
func (in *Installation) TakeRights(ctx context.Context, user User) error {
	err := in.stand.Cluster.Revoke(ctx, binding(user))
	if err == nil {
		err = in.awaitRight(ctx, user, false)
	}
	if err != nil {
		return environment("take the user's rights", err)
	}
	in.did(timeline.RightsTaken)
	return nil
}

func (in *Installation) awaitRight(ctx context.Context, user User, allowed bool) error {
	bounded, cancel := context.WithTimeoutCause(ctx, acceptTimeout, fmt.Errorf("not within %s", acceptTimeout))
	defer cancel()
	return in.stand.Cluster.AwaitAllowed(bounded, allowed, user.Name, user.Groups, ofAdministrators)
}

// GoOn waits until the session's list, which is open, has asked for the cluster's
// health and was answered. What that was is a rule's to judge.
func (s *Session) GoOn(ctx context.Context) error {
	since := time.Now()
	return s.in.awaitAtMost(ctx, loadTimeout, func(line timeline.Timeline) bool {
		for _, event := range line.Since(since).Of(timeline.Front, timeline.Responded) {
			if event.Request.Method == http.MethodGet && strings.HasSuffix(event.Request.URL, line.Header.ClusterPath()+"healthz") && event.Request.Began.After(since) {
				return true
			}
		}
		return false
	})
}
