package installation

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	// atOnce is how many requests of one user are under way at once.
	atOnce = 4
	// crowdLimit is the longest that all of them may take together.
	crowdLimit = 3 * time.Minute
	// administrators is the group that may read what forbiddenPath is.
	administrators = "cluster-admins"
)

// LoginBeside logs another user in with requests, whatever the others do: one
// browser is one user's.
func (in *Installation) LoginBeside(ctx context.Context, user User) (*Session, error) {
	in.tell(live.Message{State: live.LoggingIn})
	way, err := in.logInBare(ctx, user)
	if err != nil {
		return nil, in.undone(ctx, judge.NotLoggedIn, err)
	}
	in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.LoggedIn, Tab: way.tab()})
	return &Session{in: in, way: way, user: user}, nil
}

// AskInterleaved has the users of several sessions send requests at the same time,
// until n of each user's were answered as the user's, or it has taken too long. It
// notes how many were, and which were answered as another's.
func (in *Installation) AskInterleaved(ctx context.Context, n int, sessions ...*Session) error {
	in.tell(live.Message{State: live.Using})
	bounded, cancel := context.WithTimeout(ctx, crowdLimit)
	defer cancel()
	begin := make(chan struct{})
	var all sync.WaitGroup
	answered := make([]atomic.Int64, len(sessions))
	for i, session := range sessions {
		copied, err := session.CopyCookies(ctx)
		if err != nil {
			return err
		}
		var sent atomic.Int64
		for range atOnce {
			all.Go(func() {
				<-begin
				for bounded.Err() == nil && answered[i].Load() < int64(n) {
					own, mixedUp := session.user.askOnce(bounded, copied.client, int(sent.Add(1)))
					if own {
						answered[i].Add(1)
					}
					if mixedUp != "" {
						in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.MixedUp, Text: mixedUp})
					}
				}
			})
		}
	}
	close(begin)
	all.Wait()
	for i, session := range sessions {
		in.recorder.Add(timeline.Event{
			Witness: timeline.Suite, Kind: timeline.Interleaved, Text: session.user.Name, Count: int(answered[i].Load()),
		})
	}
	return ctx.Err()
}

// askOnce sends one of three requests in turn: one whose address says who asks; one
// whose address is the same for all users, and whose answer is not; and the question
// who the user is. It says whether the answer was the user's own, and as whose it
// was given, if as another's. Any other answer says nothing of identities.
func (u User) askOnce(ctx context.Context, client *rawclient.Client, number int) (own bool, mixedUp string) {
	as := ""
	switch number % 3 {
	case 0:
		answer, err := client.Get(ctx, judge.MarkedPath(u.Name))
		// Whose it was, tap and audit log tell.
		return err == nil && answer.Status == http.StatusOK, ""
	case 1:
		answer, err := client.Get(ctx, forbiddenPath+"?limit=1")
		switch {
		case err != nil:
		case answer.Status == http.StatusOK && slices.Contains(u.Groups, administrators):
			return true, ""
		case answer.Status == http.StatusOK:
			return false, fmt.Sprintf("%s was shown what an administrator alone may see", u.Name)
		case answer.Status == http.StatusForbidden:
			as = forbiddenTo(answer.Body)
		}
	default:
		answer, err := askReview(ctx, client)
		if err == nil && answer.Status == http.StatusCreated {
			// A body that cannot be read names nobody.
			known, _ := readReview(answer.Body)
			as = known.User
		}
	}
	if as != "" && as != u.Name {
		return false, fmt.Sprintf("a request of %s was answered as one of %q", u.Name, as)
	}
	// What an administrator is forbidden was asked without the group.
	return as != "" && !(number%3 == 1 && slices.Contains(u.Groups, administrators)), ""
}

// forbids is how the API server says to whom it forbids something.
var forbids = regexp.MustCompile(`User \\?"([^"\\]*)\\?" cannot`)

func forbiddenTo(body []byte) string {
	if match := forbids.FindSubmatch(body); match != nil {
		return string(match[1])
	}
	return ""
}
