package installation

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func TestABareTrialAsksAllAtOnceAndTakesAnyAnswer(t *testing.T) {
	t.Parallel()
	const atOnce = 5
	var come atomic.Int32
	together := make(chan struct{})
	dashboard := &fakeDashboard{refuse: func(string) int {
		if come.Add(1) == atOnce {
			close(together)
		}
		// None is answered before the last has come.
		<-together
		return http.StatusUnauthorized
	}}
	b := &bare{client: dashboard.serve(t)}
	if err := b.try(t.Context(), namespacesPath, atOnce); err != nil {
		t.Error(err)
	}
	if asked := dashboard.requests(); len(asked) != atOnce {
		t.Errorf("asked for %q", asked)
	}
}

func TestAFrozenPresenceAsksForNothingUntilItIsThawed(t *testing.T) {
	t.Parallel()
	dashboard := &fakeDashboard{}
	b := &bare{client: dashboard.serve(t), onClose: func(end func(context.Context) error) {
		t.Cleanup(func() { _ = end(context.Background()) })
	}}
	if err := b.openNamespaces(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	dashboard.await(1, "WATCH ")
	if err := b.freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := len(dashboard.requests())
	if err := b.thaw(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked := dashboard.await(2, "WATCH ")
	if len(asked) <= before {
		t.Errorf("asked for %q", asked)
	}
}

// presentIn returns the token that a session has after some events.
func presentIn(t *testing.T, events ...timeline.Event) (redact.Token, error) {
	t.Helper()
	in := &Installation{recorder: timeline.NewRecorder(timeline.Header{Issuer: "issuer"})}
	in.recorder.Add(events...)
	return in.presentToken(t.Context())
}

func TestThePresentTokenIsTheLastThatWasUsedOrSet(t *testing.T) {
	t.Parallel()
	token := func(hash, issuer string, left time.Duration) *redact.Token {
		return &redact.Token{Hash: hash, Issuer: issuer, ExpiresAt: time.Now().Add(left)}
	}
	used := func(token *redact.Token) timeline.Event {
		return timeline.Event{Witness: timeline.Tap, Kind: timeline.Responded, Request: &timeline.Request{Bearer: token}}
	}
	set := func(token *redact.Token, deleted bool) timeline.Event {
		return timeline.Event{Witness: timeline.Front, Kind: timeline.Responded, Request: &timeline.Request{
			SetCookies: []timeline.Cookie{{Token: token, Deleted: deleted}},
		}}
	}
	first, second := token("first", "issuer", time.Minute), token("second", "issuer", 2*time.Minute)
	stranger := token("stranger", "elsewhere", time.Hour)
	for name, c := range map[string]struct {
		events []timeline.Event
		want   string
	}{
		"used":             {[]timeline.Event{used(first)}, "first"},
		"set later":        {[]timeline.Event{used(first), set(second, false)}, "second"},
		"taken away":       {[]timeline.Event{used(first), set(second, true)}, "first"},
		"another issuer's": {[]timeline.Event{used(first), used(stranger), set(stranger, false)}, "first"},
	} {
		if got, err := presentIn(t, c.events...); err != nil || got.Hash != c.want {
			t.Errorf("%s: got %s, %v", name, got.Hash, err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		if got, err := presentIn(t); err == nil {
			t.Errorf("without a token got %+v", got)
		}
	})
}

func TestWhatTakesAPageSaysSoInABareInstallation(t *testing.T) {
	t.Parallel()
	b := &bare{}
	for what, err := range map[string]error{
		"offline": b.goOffline(t.Context()), "online": b.comeOnline(t.Context()), "look": b.lookWithin(t.Context(), "x", time.Second),
	} {
		if err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	if _, err := (&Installation{}).openTab(t.Context(), User{}); err == nil {
		t.Error("a tab was opened without a browser")
	}
}
