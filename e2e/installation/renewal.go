package installation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	// renewedBefore is how long before its expiry Headlamp renews a token.
	renewedBefore = 10 * time.Second
	// insideWindow is how long after a token has to be renewed a burst is sent.
	insideWindow = 100 * time.Millisecond
)

// renewalWay is the part of a way that is about the renewal and the end of a
// session.
type renewalWay interface {
	// try asks n times at once for a path of the cluster, with whatever the
	// session still has, and waits for the answers. What they are is the
	// witnesses' to tell.
	try(ctx context.Context, path string, n int) error
	// cookies are the session's, as they are now.
	cookies(ctx context.Context) ([]*http.Cookie, error)
	// getWith asks for a path of the cluster with other cookies.
	getWith(ctx context.Context, path string, cookies []*http.Cookie) error
	// freeze stops all that the way does by itself, until thaw.
	freeze(ctx context.Context) error
	thaw(ctx context.Context) error
	// goOffline takes the way's network away, until comeOnline.
	goOffline(ctx context.Context) error
	comeOnline(ctx context.Context) error
	// lookWithin waits until a namespace is shown, not longer than limit. That it
	// was not is no error.
	lookWithin(ctx context.Context, namespace string, limit time.Duration) error
}

// AskAtOnce sends n requests at once as soon as the session's present token has to
// be renewed, and does so again with the tokens that follow, until it has met a
// number of tokens that were not renewed before. What becomes of the requests is a
// rule's to judge.
func (s *Session) AskAtOnce(ctx context.Context, times, n int) error {
	in := s.in
	// A page asks for something of its own now and then, which may come first.
	for range 2 * times {
		token, err := in.presentToken(ctx)
		if err != nil {
			return err
		}
		in.tell(live.Message{State: live.Holding, Of: times, Next: token.ExpiresAt})
		if err := in.awaitClock(ctx, token.ExpiresAt.Add(insideWindow-renewedBefore)); err != nil {
			return err
		}
		in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Acted, Text: timeline.AskedAtOnce, Count: n})
		if err := s.way.try(ctx, namespacesPath+"/"+shownInEveryList, n); err != nil {
			return in.undone(ctx, judge.NotServed, err)
		}
		if len(judge.Bursts(in.recorder.Timeline())) >= times {
			break
		}
	}
	return nil
}

// SendFormerCookie keeps the session's cookies, waits until the dashboard has
// renewed them, and at once sends a request with the former ones.
func (s *Session) SendFormerCookie(ctx context.Context) error {
	in := s.in
	since := time.Now()
	former, err := s.way.cookies(ctx)
	if err != nil {
		return in.undone(ctx, judge.PageNotAlive, err)
	}
	in.tell(live.Message{State: live.Holding, Of: 1})
	bounded, cancel := context.WithTimeoutCause(ctx, in.renewalLimit(), fmt.Errorf("not within %s", in.renewalLimit()))
	defer cancel()
	if err := in.recorder.Await(bounded, func(line timeline.Timeline) bool { return renewedSince(line, since) }); err != nil {
		return in.undone(ctx, judge.NotRefreshed, fmt.Errorf("wait until the session's cookie is renewed: %w", err))
	}
	return in.undone(ctx, judge.NotServed, s.way.getWith(ctx, namespacesPath, former))
}

// renewedSince says whether an answer has renewed the token in the session's
// cookie.
func renewedSince(line timeline.Timeline, since time.Time) bool {
	for _, event := range line.Since(since).Of(timeline.Front, timeline.Responded) {
		for _, cookie := range event.Request.SetCookies {
			former := event.Request.CookieToken
			if former != nil && cookie.GivesToken() && cookie.Token.Hash != former.Hash {
				return true
			}
		}
	}
	return false
}

// FreezePastExpiry freezes the page until the session's present token has expired
// and the API server remembers it no more, and waits, not longer than a living
// page needs, until it has been served again. Whether it was is a rule's to judge.
func (s *Session) FreezePastExpiry(ctx context.Context) error {
	in := s.in
	if err := s.way.freeze(ctx); err != nil {
		return in.undone(ctx, judge.PageNotAlive, err)
	}
	in.did(timeline.TabFrozen)
	token, err := in.presentToken(ctx)
	if err != nil {
		return err
	}
	in.tell(live.Message{State: live.Holding, Of: 1, Next: token.ExpiresAt})
	if err := in.awaitClock(ctx, token.ExpiresAt.Add(judge.AcceptedAfterExpiry+poll)); err != nil {
		return err
	}
	in.did(timeline.TabThawed)
	thawed := time.Now()
	if err := s.way.thaw(ctx); err != nil {
		return in.undone(ctx, judge.PageNotAlive, err)
	}
	return in.awaitAtMost(ctx, judge.AliveWithin, func(line timeline.Timeline) bool { return sentBack(line) || servedSince(line, thawed) })
}

// servedSince says whether a request to the cluster that was sent after a moment
// has been served, as the front saw.
func servedSince(line timeline.Timeline, after time.Time) bool {
	for _, event := range line.Since(after).Of(timeline.Front, timeline.Responded) {
		if !event.Request.Began.Before(after) && line.Header.InCluster(event.Request.URL) && judge.ServedWithToken(event) {
			return true
		}
	}
	return false
}

// AwaitToken waits until the session has used its token.
func (s *Session) AwaitToken(ctx context.Context) error {
	_, err := s.in.presentToken(ctx)
	return err
}

// presentToken is the user's last token that was seen. A page that has its token
// itself may be logged in before it has used it.
func (in *Installation) presentToken(ctx context.Context) (redact.Token, error) {
	if err := in.awaitAtMost(ctx, judge.AliveWithin, func(line timeline.Timeline) bool {
		return !latestToken(line).ExpiresAt.IsZero()
	}); err != nil {
		return redact.Token{}, err
	}
	present := latestToken(in.recorder.Timeline())
	if present.ExpiresAt.IsZero() {
		return present, in.undone(ctx, judge.NothingSeen, errors.New("find the session's token: none was seen that says when it expires"))
	}
	return present, nil
}

// latestToken is the user's token that expires last, of those that were used or that
// an answer has set, and nobody has used yet.
func latestToken(line timeline.Timeline) redact.Token {
	seen := line.Tokens()
	for _, event := range line.Of(timeline.Front, timeline.Responded) {
		for _, cookie := range event.Request.SetCookies {
			if cookie.GivesToken() && cookie.Token.Issuer == line.Header.Issuer {
				seen = append(seen, *cookie.Token)
			}
		}
	}
	var latest redact.Token
	for _, token := range seen {
		if token.ExpiresAt.After(latest.ExpiresAt) {
			latest = token
		}
	}
	return latest
}

// newClient makes a client without a browser, which is not logged in.
func (in *Installation) newClient() (*rawclient.Client, error) {
	return in.newClientFor(clusterName, in.realm.Issuer)
}

// newClientFor is newClient for one of the dashboard's clusters.
func (in *Installation) newClientFor(cluster, issuer string) (*rawclient.Client, error) {
	client, err := rawclient.New(rawclient.Options{Front: in.address(), Cluster: cluster, Issuer: issuer, Roots: in.roots})
	if err != nil {
		return nil, environment("make a client without a browser", err)
	}
	in.onClose(func(context.Context) error { client.Close(); return nil })
	return client, nil
}
