package timeline_test

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func request(at time.Duration, witness timeline.Witness, hash string) timeline.Event {
	token := &redact.Token{Hash: hash, Issuer: "issuer", ExpiresAt: noon.Add(time.Minute)}
	event := timeline.Event{At: noon.Add(at), Witness: witness, Kind: timeline.Responded, Request: &timeline.Request{}}
	if witness == timeline.Front {
		event.Request.CookieToken = token
	} else {
		event.Request.Bearer = token
	}
	return event
}

func TestASavedTimelineReadsBackTheSame(t *testing.T) {
	t.Parallel()
	recorder := timeline.NewRecorder(timeline.Header{Scenario: "s/x", Cluster: "main", Lifetime: 30 * time.Second})
	recorder.Add(request(2*time.Second, timeline.Tap, "b"), request(time.Second, timeline.Tap, "a"))
	want := recorder.Timeline()
	var buffer bytes.Buffer
	if err := want.Write(&buffer); err != nil {
		t.Fatal(err)
	}
	got, err := timeline.Read(&buffer)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got.Events[0].Request.Bearer.Hash != "a" {
		t.Error("not ordered by time")
	}
}

func TestReadRefusesWhatIsNoTimeline(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", `{"version":99}`, "{\"version\":1}\nnonsense"} {
		if _, err := timeline.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func TestTokensPrefersTheTapAndIgnoresStrangers(t *testing.T) {
	t.Parallel()
	stranger := request(0, timeline.Tap, "service-account")
	stranger.Request.Bearer.Issuer = "somebody else"
	line := timeline.Timeline{
		Header: timeline.Header{Issuer: "issuer"},
		Events: []timeline.Event{stranger, request(1, timeline.Front, "c"), request(2, timeline.Front, "d")},
	}
	if got := line.Tokens(); len(got) != 2 || got[0].Hash != "c" {
		t.Errorf("front alone: %+v", got)
	}
	// In the identity mode proxy the tap sees the impersonator's own token alone.
	line.Events = append(line.Events, request(3, timeline.Impersonator, "e"), request(4, timeline.Impersonator, "f"))
	if got := line.Tokens(); len(got) != 2 || got[0].Hash != "e" || got[1].Hash != "f" {
		t.Errorf("with the impersonator: %+v", got)
	}
	line.Events = append(line.Events, request(3, timeline.Tap, "a"), request(4, timeline.Tap, "a"), request(5, timeline.Tap, "b"))
	if got := line.Tokens(); len(got) != 2 || got[0].Hash != "a" || got[1].Hash != "b" {
		t.Errorf("with the tap: %+v", got)
	}
}

func TestHoldIsThePartBetweenItsEnds(t *testing.T) {
	t.Parallel()
	at := func(offset int, kind timeline.Kind) timeline.Event {
		return timeline.Event{At: noon.Add(time.Duration(offset) * time.Second), Witness: timeline.Suite, Kind: kind}
	}
	line := timeline.Timeline{Events: []timeline.Event{
		at(0, timeline.ObjectCreated), at(1, timeline.HoldBegan), at(2, timeline.ObjectCreated), at(3, timeline.HoldEnded), at(4, timeline.ObjectCreated),
	}}
	hold, found := line.Hold()
	if !found || len(hold.Of(timeline.Suite, timeline.ObjectCreated)) != 1 {
		t.Errorf("%v %+v", found, hold.Events)
	}
	if _, found := (timeline.Timeline{}).Hold(); found {
		t.Error("an empty timeline has a hold")
	}
}

func TestHoldIsAllOfSeveralHolds(t *testing.T) {
	t.Parallel()
	line := timeline.Timeline{}
	add := func(kind timeline.Kind, text string) {
		at := noon.Add(time.Duration(len(line.Events)) * time.Second)
		line.Events = append(line.Events, timeline.Event{At: at, Witness: timeline.Suite, Kind: kind, Text: text})
	}
	for _, step := range []struct {
		kind timeline.Kind
		text string
	}{
		{timeline.HoldEnded, "an end without a beginning"},
		{timeline.ObjectCreated, "before"},
		{timeline.HoldBegan, "first"}, {timeline.HoldBegan, "second, at once"},
		{timeline.HoldEnded, "first"}, {timeline.ObjectCreated, "held"}, {timeline.HoldEnded, "second"},
		{timeline.ObjectCreated, "between"},
		{timeline.HoldBegan, "third, never ended"}, {timeline.ObjectCreated, "held"},
	} {
		add(step.kind, step.text)
	}
	hold, found := line.Hold()
	if !found {
		t.Fatal("no hold")
	}
	for _, created := range hold.Of(timeline.Suite, timeline.ObjectCreated) {
		if created.Text != "held" {
			t.Errorf("what happened %s the holds is part of them", created.Text)
		}
	}
	if got := len(hold.Events); got != 7 {
		t.Errorf("%d events, want 7", got)
	}
}

func TestSinceAndUntilShareTheirMoment(t *testing.T) {
	t.Parallel()
	line := timeline.Timeline{Events: []timeline.Event{{At: noon}, {At: noon.Add(time.Second)}, {At: noon.Add(2 * time.Second)}}}
	if got := len(line.Since(line.Events[1].At).Events); got != 2 {
		t.Errorf("since: %d events", got)
	}
	if got := len(line.Until(line.Events[1].At).Events); got != 2 {
		t.Errorf("until: %d events", got)
	}
	if len(line.Events) != 3 {
		t.Error("the timeline itself was cut")
	}
}

func TestAwaitReturnsWithTheEventOrTheContext(t *testing.T) {
	t.Parallel()
	recorder := timeline.NewRecorder(timeline.Header{})
	var waiter sync.WaitGroup
	waiter.Go(func() {
		err := recorder.Await(t.Context(), func(line timeline.Timeline) bool { return len(line.Events) == 2 })
		if err != nil {
			t.Error(err)
		}
	})
	recorder.Add(timeline.Event{})
	recorder.Add(timeline.Event{})
	waiter.Wait()
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	if err := recorder.Await(ctx, func(timeline.Timeline) bool { return false }); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

func TestAnAuditRecordBelongsWhereItsRequestWasAnswered(t *testing.T) {
	t.Parallel()
	at := func(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
	tap := func(seconds int, id string) timeline.Event {
		return timeline.Event{At: at(seconds), Witness: timeline.Tap, Kind: timeline.Responded, Request: &timeline.Request{AuditID: id}}
	}
	audit := func(seconds int, id string) timeline.Event {
		return timeline.Event{At: at(seconds), Witness: timeline.Audit, Kind: timeline.Audited, Record: &timeline.Record{AuditID: id}}
	}
	line := timeline.Timeline{Events: []timeline.Event{
		tap(1, "written-late"), audit(2, "under-way"), audit(2, "never-tapped"), audit(4, "written-late"), audit(4, "never-tapped-later"), tap(5, "under-way"),
	}}
	var kept []string
	for _, event := range line.Until(at(3)).Of(timeline.Audit, timeline.Audited) {
		kept = append(kept, event.Record.AuditID)
	}
	if want := []string{"never-tapped", "written-late"}; !slices.Equal(kept, want) {
		t.Errorf("kept %v, want %v", kept, want)
	}
}
