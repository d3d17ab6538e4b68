package installation

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// told is the way of a user whose requests are answered as told.
type told struct {
	way
	status int
	body   string
	err    error
}

func (a told) askWhoIAm(context.Context) (int, []byte, error) { return a.status, []byte(a.body), a.err }

func TestAsWhomASessionIsKnownIsRecordedOrSaidToBeUndone(t *testing.T) {
	t.Parallel()
	const review = `{"status":{"userInfo":{"username":"dev","uid":"u","groups":["a","b"]}}}`
	for name, c := range map[string]struct {
		way  told
		kind timeline.Kind // of what is recorded, or ""
		fail string        // what the error says, or ""
	}{
		"known":              {told{status: http.StatusCreated, body: review}, timeline.WhoAmI, ""},
		"refused":            {told{status: http.StatusForbidden, body: review}, timeline.Undone, "answered 403"},
		"not answered":       {told{err: errors.New("gone")}, timeline.Undone, "gone"},
		"not answered to us": {told{err: browser.ErrLost}, "", "environment"},
		"unreadable":         {told{status: http.StatusCreated, body: "<"}, "", "read the answer"},
	} {
		in := &Installation{recorder: timeline.NewRecorder(timeline.Header{})}
		err := (&Session{in: in, way: c.way}).AskWhoIAm(t.Context())
		if (err != nil) != (c.fail != "") || (err != nil && !strings.Contains(err.Error(), c.fail)) {
			t.Errorf("%s: %v", name, err)
		}
		var undone *UndoneError
		if errors.As(err, &undone) != (c.kind == timeline.Undone) {
			t.Errorf("%s: %T", name, err)
		}
		events := in.recorder.Timeline().Events
		if c.kind == "" {
			if len(events) > 0 {
				t.Errorf("%s: recorded are %+v", name, events)
			}
			continue
		}
		if len(events) != 1 || events[0].Kind != c.kind {
			t.Errorf("%s: recorded are %+v", name, events)
			continue
		}
		if who := events[0].Identified; who != nil && (who.User != "dev" || who.UID != "u" || !slices.Equal(who.Groups, []string{"a", "b"})) {
			t.Errorf("%s: known is %+v", name, who)
		}
		if c.kind == timeline.Undone && events[0].Level != string(judge.NotServed) {
			t.Errorf("%s: undone is %+v", name, events[0])
		}
	}
}
