package judge_test

import (
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// lagged has the machine stand still for a while that ends at a time.
func lagged(end time.Time, delay time.Duration) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		line.Events = append(line.Events, at(timeline.Event{Witness: timeline.Machine, Kind: timeline.Lagged, Delay: delay}, end))
	}
}

func TestALagExcusesWhatItCanHaveCausedAlone(t *testing.T) {
	t.Parallel()
	healthy := healthy("token")
	login, _ := healthy.First(timeline.Suite, timeline.LoggedIn)
	polled := healthy.Select(poll(timeline.Page))[0].At
	refused := func(line *timeline.Timeline) { among(poll(timeline.Page), status(401))(line) }
	for name, c := range map[string]struct {
		changes []func(*timeline.Timeline)
		verdict judge.Verdict
		says    string
	}{
		"a refusal right after it":                {changes(refused, lagged(polled, 2100*time.Millisecond)), judge.Blocked, "stood still for 2.1 s: page: GET"},
		"one that it ends within the lifetime of": {changes(refused, lagged(polled.Add(-40*time.Second), 3*time.Second)), judge.Blocked, "stood still for 3.0 s"},
		"a lag that is short":                     {changes(refused, lagged(polled, 2*time.Second)), judge.Failed, "401"},
		"a lag at the login, long before":         {changes(refused, lagged(polled.Add(-46*time.Second), 20*time.Second)), judge.Failed, "401"},
		"a lag that began long after":             {changes(refused, lagged(polled.Add(25*time.Second), 9*time.Second)), judge.Failed, "401"},
		"a lag that began before, and went on":    {changes(refused, lagged(polled.Add(25*time.Second), 12*time.Second)), judge.Blocked, "12.0 s"},
		"many short lags":                         {changes(refused, lagged(polled, 1900*time.Millisecond), lagged(polled.Add(-2*time.Second), 1900*time.Millisecond)), judge.Failed, "401"},
		"no lag":                                  {changes(refused), judge.Failed, "401"},

		"the page's way to the login":   {changes(refused, during(routed(tab, "/c/main/login")), lagged(polled, 3*time.Second)), judge.Blocked, "stood still"},
		"an action of a person's":       {changes(undone(judge.NotLoggedIn), lagged(expiry(&healthy, 2).At, 3*time.Second)), judge.Blocked, "3.0 s: click Sign In"},
		"an action, without a lag":      {changes(undone(judge.NotLoggedIn)), judge.Failed, "click Sign In"},
		"a token in localStorage":       {changes(exposed, lagged(polled, 9*time.Second)), judge.Failed, "localStorage"},
		"a token in localStorage, late": {changes(refused, exposed, lagged(polled, 9*time.Second)), judge.Failed, ""},
		"a crash":                       {changes(during(timeline.Event{Witness: timeline.Page, Kind: timeline.Crashed, Tab: tab, Text: "crash"}), lagged(polled, 9*time.Second)), judge.Failed, "crash"},

		"what was missing all the time": {
			changes(without(is(timeline.Keycloak, timeline.Refresh)), lagged(polled, 3*time.Second)), judge.Blocked, "Keycloak stored 0 refreshes",
		},
		"what was missing all the time, before the login": {
			changes(without(is(timeline.Keycloak, timeline.Refresh)), lagged(login.At.Add(-time.Second), 30*time.Second)), judge.Failed, "Keycloak stored 0 refreshes",
		},
		// The first thing that broke is out of the lag's reach.
		"a later one of two": {
			changes(func(line *timeline.Timeline) {
				early := responded(timeline.Page, site+"/clusters/main/healthz", 401)
				line.Events = append(line.Events, at(early, login.At.Add(time.Millisecond)))
			}, refused, lagged(login.At.Add(lifetime+20*time.Second), 3*time.Second)), judge.Failed, "401",
		},
		"the first of two, of which the second may follow": {
			changes(refused, among(nth(10, func(e timeline.Event) bool {
				return e.Witness == timeline.Page && e.Request != nil && strings.HasSuffix(e.Request.URL, "/healthz")
			}), status(401)), lagged(polled, 3*time.Second)), judge.Blocked, "stood still",
		},
	} {
		outcome := judgeOne(t, spoiled(c.changes...))
		if outcome.Verdict != c.verdict || !strings.Contains(outcome.Reason, c.says) {
			t.Errorf("%s: got %s, %q; want %s, %q", name, outcome.Verdict, outcome.Reason, c.verdict, c.says)
		}
	}
	passed := run()
	line := passed.Timelines[scenario]
	lagged(polled, time.Minute)(&line)
	line.Sort()
	passed.Timelines[scenario] = line
	if outcome := judgeOne(t, passed); outcome.Verdict != judge.Passed {
		t.Errorf("what passed in spite of a lag: %s, %s", outcome.Verdict, outcome.Reason)
	}
}

// A failure without findings is an action on the page that did not end: at the
// timeline's end.
func TestALagExcusesAnActionThatItHeldUp(t *testing.T) {
	t.Parallel()
	line := healthy("token")
	end := line.Events[len(line.Events)-1].At
	for name, c := range map[string]struct {
		lag     time.Time
		verdict judge.Verdict
	}{
		"at the end":      {end.Add(-time.Second), judge.Blocked},
		"long before it":  {end.Add(-time.Minute), judge.Failed},
		"at the very end": {end, judge.Blocked},
	} {
		outcome := judgeOne(t, spoiled(lagged(c.lag, 5*time.Second)))
		if outcome.Verdict != c.verdict || !strings.Contains(outcome.Reason, "as the matcher says") {
			t.Errorf("a lag %s: got %s, %q", name, outcome.Verdict, outcome.Reason)
		}
	}
}

var exposed = during(timeline.Event{Witness: timeline.Page, Kind: timeline.TokenExposed, Text: "localStorage", Token: &redact.Token{}})

func changes(all ...func(*timeline.Timeline)) []func(*timeline.Timeline) { return all }
