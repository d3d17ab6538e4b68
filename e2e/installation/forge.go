package installation

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// ForgeCallbacks has browsers come back from Keycloak as no honest one does, each
// with a code of its own that is good: with a state that nobody gave out, without
// a state, without the code, and a second time. The first time of the last one is
// an honest login: it shows that all this could have worked.
func (in *Installation) ForgeCallbacks(ctx context.Context, user User) error {
	in.tell(live.Message{State: live.LoggingIn})
	for _, forged := range []struct {
		what  string
		forge func(rawclient.Comeback) rawclient.Comeback
	}{
		{judge.ForgedState, func(b rawclient.Comeback) rawclient.Comeback { return b.With("state", rand.Text()) }},
		{judge.NoState, func(b rawclient.Comeback) rawclient.Comeback { return b.With("state", "") }},
		{judge.NoCode, func(b rawclient.Comeback) rawclient.Comeback { return b.With("code", "") }},
	} {
		visitor, back, err := in.comeBack(ctx, user)
		if err == nil {
			err = in.present(ctx, visitor, forged.what, forged.forge(back))
		}
		if err != nil {
			return err
		}
	}
	visitor, back, err := in.comeBack(ctx, user)
	if err != nil {
		return err
	}
	if err := in.enterHonestly(ctx, visitor, back); err != nil {
		return err
	}
	return in.present(ctx, visitor, judge.Replayed, back)
}

// OfferForeignCallback has one browser come back from Keycloak with what another
// one was given, who then logs in honestly.
func (in *Installation) OfferForeignCallback(ctx context.Context, user User) error {
	in.tell(live.Message{State: live.LoggingIn})
	_, back, err := in.comeBack(ctx, user)
	if err != nil {
		return err
	}
	// Who is lured may have begun a login as well.
	lured, _, err := in.comeBack(ctx, user)
	if err != nil {
		return err
	}
	if err := in.present(ctx, lured, judge.FromElsewhere, back); err != nil {
		return err
	}
	honest, back, err := in.comeBack(ctx, user)
	if err != nil {
		return err
	}
	return in.enterHonestly(ctx, honest, back)
}

// comeBack has somebody log in at Keycloak, up to the way back.
func (in *Installation) comeBack(ctx context.Context, user User) (*rawclient.Client, rawclient.Comeback, error) {
	visitor, err := in.newClient()
	if err != nil {
		return nil, rawclient.Comeback{}, err
	}
	back, err := visitor.ComeBack(ctx, user.Name, user.account.Password.Reveal())
	return visitor, back, in.undone(ctx, judge.NotLoggedIn, err)
}

// present presents a forged comeback, and notes what it led to: the witnesses
// tell the answer, and the visitor asks afterwards who they are.
func (in *Installation) present(ctx context.Context, visitor *rawclient.Client, what string, back rawclient.Comeback) error {
	begun := time.Now().UTC()
	answer, err := visitor.Present(ctx, back)
	if err != nil {
		// No answer is what a crash looks like.
		return in.undone(ctx, judge.Crashed, fmt.Errorf("%s: %w", what, err))
	}
	over := time.Now().UTC()
	level := ""
	if rawclient.ShowsTrace(string(answer.Body)) {
		level = timeline.ShowsTrace
	}
	status := 0
	if what != judge.Replayed {
		// Who replays a callback of their own has a session already.
		asked, err := askReview(ctx, visitor)
		if err != nil {
			return in.undone(ctx, judge.Crashed, err)
		}
		status = asked.Status
	}
	in.recorder.Add(timeline.Event{
		At: over, Witness: timeline.Suite, Kind: timeline.Forged, Text: what, Level: level, Count: status,
		Request: &timeline.Request{Method: http.MethodGet, URL: callback, Status: answer.Status, Began: begun},
	})
	return nil
}

// enterHonestly presents a comeback as it is, and sees that there is a session.
func (in *Installation) enterHonestly(ctx context.Context, visitor *rawclient.Client, back rawclient.Comeback) error {
	answer, err := visitor.Present(ctx, back)
	if err == nil && answer.Status >= http.StatusBadRequest {
		err = fmt.Errorf("come back to the dashboard: answered %s", answer)
	}
	if err == nil {
		answer, err = askReview(ctx, visitor)
	}
	if err == nil && answer.Status != http.StatusCreated {
		err = errors.New("the login left no session: who the user is was answered " + answer.String())
	}
	if err != nil {
		return in.undone(ctx, judge.NotLoggedIn, err)
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.LoggedIn})
	return nil
}
