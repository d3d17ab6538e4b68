package installation

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// EndSessions ends all sessions of a user at Keycloak, as an administrator does.
func (in *Installation) EndSessions(ctx context.Context, user User) error {
	if err := in.realm.EndSessions(ctx, user.account); err != nil {
		return environment("end the user's sessions", err)
	}
	in.did(timeline.SessionsEnded)
	return nil
}

// EndSSOSession ends the user's single sign-on session at Keycloak, and leaves an
// offline one alone.
func (in *Installation) EndSSOSession(ctx context.Context, user User) error {
	if err := in.realm.EndSSOSessions(ctx, user.account); err != nil {
		return environment("end the user's single sign-on session", err)
	}
	in.did(timeline.SSOSessionEnded)
	return nil
}

// DisableUser disables a user at Keycloak, as an administrator does.
func (in *Installation) DisableUser(ctx context.Context, user User) error {
	if err := in.realm.DisableUser(ctx, user.account); err != nil {
		return environment("disable the user", err)
	}
	in.did(timeline.UserDisabled)
	return nil
}

// RotateKeys has Keycloak sign with a new key from now on.
func (in *Installation) RotateKeys(ctx context.Context) error {
	if err := in.realm.RotateKeys(ctx); err != nil {
		return environment("rotate Keycloak's keys", err)
	}
	in.did(timeline.KeysRotated)
	return nil
}

// ReimportRealm has Keycloak's realm imported anew, with overwrite and with the
// users that are given: their sessions are gone, and so are the realm's keys.
func (in *Installation) ReimportRealm(ctx context.Context, users ...User) error {
	// What the realm has stored goes with it.
	err := in.gatherEvents(ctx)
	if err == nil {
		delete(in.gathered.events, "")
		accounts := make([]keycloak.User, len(users))
		for i, user := range users {
			accounts[i] = user.account
		}
		err = in.realm.Reimport(ctx, accounts...)
	}
	if err != nil {
		return environment("import the realm anew", err)
	}
	in.did(timeline.RealmReimported)
	return nil
}

// OpenNamespaces opens the list of namespaces, and leaves it open.
func (s *Session) OpenNamespaces(ctx context.Context) error {
	names, err := s.in.namespaces(ctx)
	if err != nil {
		return err
	}
	return s.in.undone(ctx, judge.PageNotAlive, s.way.openNamespaces(ctx, names))
}

// namespaces are those that there are, and that a page names in a list of them alone.
func (in *Installation) namespaces(ctx context.Context) ([]string, error) {
	names, err := in.stand.Cluster.Namespaces(ctx)
	if err != nil {
		return nil, environment("see which namespaces there are", err)
	}
	return slices.DeleteFunc(names, func(name string) bool { return !strings.Contains(name, "-") }), nil
}

// makeNamespace makes a namespace to look for, which goes with the installation.
func (in *Installation) makeNamespace(ctx context.Context, prefix string) (string, error) {
	name := newName(prefix)
	if err := in.stand.Cluster.CreateNamespace(ctx, name); err != nil {
		return "", environment("make an object to look for", err)
	}
	in.onClose(func(ctx context.Context) error { return in.stand.Cluster.DeleteNamespace(ctx, name) })
	return name, nil
}

// OutliveTokens waits until no token is good any more that the session had when
// it was ended, then asks for something in its name, and waits until the page has
// done so by itself. What becomes of that is a rule's to judge.
func (s *Session) OutliveTokens(ctx context.Context) error {
	in := s.in
	in.tell(live.Message{State: live.Holding, Of: 1})
	var waited time.Time
	for {
		// A token from before the end may be used for the first time after it.
		from, known := judge.RefusedFrom(in.recorder.Timeline())
		if !known || !from.After(waited) {
			break
		}
		if err := in.awaitClock(ctx, from); err != nil {
			return err
		}
		waited = from
	}
	if err := s.Try(ctx); err != nil {
		return err
	}
	// What the page asks by itself is tried too, if it still asks.
	return in.awaitAtMost(ctx, judge.OfferedWithin, func(line timeline.Timeline) bool { return askedForHealth(line, waited) })
}

// askedForHealth says whether a question for the cluster's health that was sent
// after a moment has been answered, as the front saw.
func askedForHealth(line timeline.Timeline, after time.Time) bool {
	for _, event := range line.Since(after).Of(timeline.Front, timeline.Responded) {
		if event.Request.Began.After(after) && strings.HasSuffix(event.Request.URL, line.Header.ClusterPath()+"healthz") {
			return true
		}
	}
	return false
}

// Try asks for the list of namespaces with whatever the session still has, and
// waits for an answer. What that is, is a rule's to judge.
func (s *Session) Try(ctx context.Context) error {
	return s.in.undone(ctx, judge.PageNotAlive, s.way.try(ctx, namespacesPath, 1))
}

// AwaitLoginPage waits, not longer than a page may take, until it asks for a
// login. Whether it did is a rule's to judge.
func (s *Session) AwaitLoginPage(ctx context.Context) error {
	_, latest, over := judge.LoginDue(s.in.recorder.Timeline())
	if !over {
		return nil
	}
	now, err := s.in.stand.Keycloak.Now(ctx)
	if err != nil {
		return environment("read Keycloak's clock", err)
	}
	if err := s.in.awaitAtMost(ctx, latest.Sub(now), sentBack); err != nil {
		return err
	}
	s.in.did(timeline.LoginAwaited)
	return nil
}

// AwaitRefusal waits until the dashboard answers 401, not longer than some time
// after the last token of the session is good for nothing any more. Whether it did
// is a rule's to judge.
func (s *Session) AwaitRefusal(ctx context.Context) error {
	since := time.Now()
	from, known := judge.RefusedFrom(s.in.recorder.Timeline())
	if !known {
		return nil
	}
	now, err := s.in.stand.Keycloak.Now(ctx)
	if err != nil {
		return environment("read Keycloak's clock", err)
	}
	return s.in.awaitAtMost(ctx, from.Sub(now)+judge.AliveWithin, func(line timeline.Timeline) bool {
		for _, event := range line.Since(since).Of(timeline.Front, timeline.Responded) {
			if event.Request.Status == http.StatusUnauthorized && line.Header.InCluster(event.Request.URL) {
				return true
			}
		}
		return false
	})
}

// awaitAtMost waits until holds says yes of what has been recorded, and not longer
// than some time. That it did not is no error.
func (in *Installation) awaitAtMost(ctx context.Context, limit time.Duration, holds func(timeline.Timeline) bool) error {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if in.recorder.Await(bounded, holds) != nil {
		return ctx.Err()
	}
	return nil
}
