package installation

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// missedRenewals is how often in a row the page may renew its session by itself before
// the logout that is to meet a renewal: it asks for something every few seconds, and
// may do so in the tenth of a second for which the logout waits.
const missedRenewals = 5

// LogOutInMidRenewal logs out by the page's user menu when the session's token has to be
// renewed, in the midst of n requests of the page, each of which renews it. It
// returns when the page has the answers to the logout and to those requests. What the
// browser has then, and whether anything is served with it, is noted at once, as
// the next person at the machine would find it; and again when the page was loaded anew.
func (s *Session) LogOutInMidRenewal(ctx context.Context, n int) error {
	in := s.in
	if err := s.way.openUserMenu(ctx); err != nil {
		return in.undone(ctx, judge.PageNotAlive, err)
	}
	if err := s.awaitRenewalDue(ctx); err != nil {
		return err
	}
	clicked := time.Now()
	in.did(timeline.LoggedOut)
	if err := s.way.logOutAmid(ctx, namespacesPath+"/"+shownInEveryList, n); err != nil {
		return in.undone(ctx, judge.StillIn, err)
	}
	// A page that has the token itself asks nobody, and shows its login.
	if err := in.awaitAtMost(ctx, judge.AliveWithin, func(line timeline.Timeline) bool {
		return s.toldOfLogout(line, clicked) || (judge.TokenSentByPage(line) && s.atLogin(line, clicked))
	}); err != nil {
		return err
	}
	in.did(timeline.BurstAnswered)
	if err := s.lookWithCookies(ctx); err != nil {
		return err
	}
	if err := s.awaitLoginRoute(ctx, clicked); err != nil {
		return err
	}
	opened := time.Now()
	if err := s.way.openAgain(ctx); err != nil {
		return in.undone(ctx, judge.PageNotAlive, err)
	}
	if err := s.awaitLoginRoute(ctx, opened); err != nil {
		return err
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Reloaded, Tab: s.way.tab()})
	return s.lookWithCookies(ctx)
}

// awaitRenewalDue waits until the session's present token has to be renewed, and has
// not been by a request of the page's own.
func (s *Session) awaitRenewalDue(ctx context.Context) error {
	in := s.in
	for range missedRenewals {
		token, err := in.presentToken(ctx)
		if err != nil {
			return err
		}
		in.tell(live.Message{State: live.Holding, Of: 1, Next: token.ExpiresAt})
		if err := in.awaitClock(ctx, token.ExpiresAt.Add(insideWindow-renewedBefore)); err != nil {
			return err
		}
		if latestToken(in.recorder.Timeline()).Hash == token.Hash {
			break
		}
	}
	return nil
}

// toldOfLogout says whether the page has the answer to a logout that it asked the
// dashboard for since a moment.
func (s *Session) toldOfLogout(line timeline.Timeline, since time.Time) bool {
	for _, event := range line.Since(since).Of(timeline.Page, timeline.Responded) {
		if event.Tab == s.way.tab() && event.Request.Method == http.MethodPost && strings.HasSuffix(event.Request.URL, clusterPath+"/set-token") {
			return true
		}
	}
	return false
}

// lookWithCookies notes the browser's cookies, and asks for something with them.
func (s *Session) lookWithCookies(ctx context.Context) error {
	if err := s.RecordCookies(ctx); err != nil {
		return err
	}
	found, err := s.CopyCookies(ctx)
	if err != nil {
		return err
	}
	// What it is answered is the witnesses' to tell.
	if _, err := found.client.Get(ctx, namespacesPath); err != nil {
		return ctx.Err()
	}
	return nil
}
