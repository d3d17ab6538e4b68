package report_test

import (
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// storm is, 1.5 s apart from each other in a timeline, many times a refused call
// for tokens, a question for health and a page that asks for a login.
func storm(times int) []timeline.Event {
	var events []timeline.Event
	for range times {
		events = append(events,
			timeline.Event{Witness: timeline.Keycloak, Kind: timeline.OtherEvent, Identity: &timeline.Identity{Type: "CODE_TO_TOKEN_ERROR"}},
			timeline.Event{Witness: timeline.Front, Kind: timeline.Responded, Request: &timeline.Request{Method: "GET", URL: "/clusters/main/healthz?n=1", Status: 401}},
			timeline.Event{Witness: timeline.Page, Kind: timeline.Routed, Text: "/c/main/login"})
	}
	return events
}

func countsOf(t *testing.T, line timeline.Timeline) report.Counts {
	t.Helper()
	run := judge.Run{Specs: []judge.Spec{{ID: "a/b", State: judge.SpecPassed}}, Timelines: map[string]timeline.Timeline{"a/b": line}}
	var whole report.Report
	whole.Complete(run, judge.Judge(run))
	return whole.Scenarios[0].Counts
}

func TestAStormIsCountedByItsBusiestMinute(t *testing.T) {
	t.Parallel()
	counts := countsOf(t, line(storm(80)...))
	// Each comes every 4.5 s, so fourteen of them lie within a minute, and before
	// the storm there was one refresh.
	want := report.Counts{TokenCalls: 81, TokenCallsAMinute: 14, HealthPolls: 80, HealthPollsAMinute: 14, LoginPages: 80, LoginPagesAMinute: 14}
	got := report.Counts{
		TokenCalls: counts.TokenCalls, TokenCallsAMinute: counts.TokenCallsAMinute, HealthPolls: counts.HealthPolls,
		HealthPollsAMinute: counts.HealthPollsAMinute, LoginPages: counts.LoginPages, LoginPagesAMinute: counts.LoginPagesAMinute,
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestWhatIsNoStormIsNotCounted(t *testing.T) {
	t.Parallel()
	quiet := []timeline.Event{
		{Witness: timeline.Keycloak, Kind: timeline.Refresh, Identity: &timeline.Identity{Type: "REFRESH_TOKEN", Client: "another"}},
		{Witness: timeline.Keycloak, Kind: timeline.OtherEvent, Identity: &timeline.Identity{Type: "LOGOUT", Client: "headlamp"}},
		{Witness: timeline.Front, Kind: timeline.Ended, Request: &timeline.Request{URL: "/clusters/main/healthz"}},
		{Witness: timeline.Tap, Kind: timeline.Responded, Request: &timeline.Request{URL: "/clusters/main/healthz"}},
		{Witness: timeline.Front, Kind: timeline.Responded, Request: &timeline.Request{URL: "/clusters/other/healthz"}},
		{Witness: timeline.Page, Kind: timeline.Routed, Text: "/c/main/pods"},
	}
	counts := countsOf(t, line(quiet...))
	if counts.TokenCalls != 1 || counts.HealthPolls != 0 || counts.LoginPages != 0 {
		t.Errorf("got %+v", counts)
	}
	code := timeline.Event{Witness: timeline.Keycloak, Kind: timeline.OtherEvent, Identity: &timeline.Identity{Type: "CODE_TO_TOKEN", Client: "headlamp"}}
	if counts := countsOf(t, line(code)); counts.TokenCalls != 2 {
		t.Errorf("the login's own call: got %+v", counts)
	}
}

func TestAMinuteThatIsOverDoesNotCount(t *testing.T) {
	t.Parallel()
	poll := timeline.Event{Witness: timeline.Front, Kind: timeline.Responded, Request: &timeline.Request{URL: "/clusters/main/healthz"}}
	apart := line(poll, poll, poll)
	first := len(apart.Events) - 5
	for i, after := range []time.Duration{0, time.Minute, time.Minute + time.Second} {
		apart.Events[first+i].At = noon.Add(after)
	}
	for i := range 2 {
		apart.Events[first+3+i].At = noon.Add(time.Hour)
	}
	if counts := countsOf(t, apart); counts.HealthPolls != 3 || counts.HealthPollsAMinute != 2 {
		t.Errorf("got %+v", counts)
	}
}
