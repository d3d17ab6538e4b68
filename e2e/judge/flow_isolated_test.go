package judge_test

import (
	"net/http"
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const another = "another"

// crowded is a session of one user amid that of another.
func crowded(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.line.Header.Users = append(w.line.Header.Users, timeline.User{Name: another, ID: "id-of-another"})
	w.logIn()
	for range expiries {
		for _, who := range []string{user, another} {
			w.step(10 * time.Millisecond)
			begin := len(w.line.Events)
			w.request("GET", judge.MarkedPath(who), http.StatusOK)
			for i := range w.line.Events[begin:] {
				actAs(&w.line.Events[begin+i], who)
			}
		}
	}
	for _, who := range []string{user, another} {
		w.suite(timeline.Event{Kind: timeline.Interleaved, Text: who, Count: expiries})
	}
	w.line.Sort()
	return w.line
}

// actAs makes a request a user's.
func actAs(e *timeline.Event, who string) {
	switch {
	case e.Record != nil && e.Record.ImpersonatedUser != "":
		e.Record.ImpersonatedUser = who
	case e.Record != nil:
		e.Record.User = who
	case e.Request.Impersonation != nil:
		e.Request.Impersonation = &timeline.Impersonation{User: who}
	case e.Request.Bearer != nil:
		e.Request.Bearer = &redact.Token{Hash: "of-" + who, Issuer: issuer, Username: who}
	}
}

func isolatedFlow() flow {
	const rule = "users-isolated"
	marked := func(witness timeline.Witness, who string) func(timeline.Event) bool {
		return func(e timeline.Event) bool {
			return e.Witness == witness && ((e.Request != nil && e.Request.URL == judge.MarkedPath(who)) || (e.Record != nil && e.Record.URI == judge.MarkedPath(who)))
		}
	}
	return flow{
		rules: []string{rule},
		line:  crowded,
		broken: []broken{
			{
				rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: rule, how: "when one was alone", symptom: judge.NothingSeen, says: "1 users were there",
				change: without(nth(0, is(timeline.Suite, timeline.Interleaved))),
			},
			{
				rule: rule, how: "when too little was answered", symptom: judge.NotServed, says: "2 requests of another",
				change: among(nth(1, is(timeline.Suite, timeline.Interleaved)), func(e *timeline.Event) { e.Count = 2 }),
			},
			{
				rule: rule, how: "by an answer", symptom: judge.UsersMixed, says: "answered as another",
				change: func(line *timeline.Timeline) {
					line.Events = append(line.Events, at(timeline.Event{Witness: timeline.Suite, Kind: timeline.MixedUp, Text: "a request of dev was answered as another"}, noon.Add(time.Minute)))
				},
			},
			{
				rule: rule, how: "at the tap", symptom: judge.UsersMixed, says: `a request of dev went out as "another"`,
				change: among(nth(1, marked(timeline.Tap, user)), func(e *timeline.Event) { actAs(e, another) }),
			},
			{
				rule: rule, how: "at the tap, by headers", mode: "native", symptom: judge.UsersMixed, says: `a request of dev went out as "another"`,
				change: among(nth(1, marked(timeline.Tap, user)), func(e *timeline.Event) { actAs(e, another) }),
			},
			{
				rule: rule, how: "in the audit log", symptom: judge.UsersMixed, says: `"another" did what dev had asked for`,
				change: among(nth(1, marked(timeline.Audit, user)), func(e *timeline.Event) { actAs(e, another) }),
			},
			{
				rule: rule, how: "when the tap saw nothing of one", symptom: judge.NothingSeen, says: "no marked request of another",
				change: without(marked(timeline.Tap, another)),
			},
			{
				rule: rule, how: "when one came after the other", symptom: judge.NothingSeen, says: "in 2 turns",
				change: func(line *timeline.Timeline) {
					again := func(who string) []timeline.Event {
						return slices.Repeat(line.Select(nth(0, marked(timeline.Tap, who))), 20)
					}
					first, second := again(user), again(another)
					without(func(e timeline.Event) bool { return marked(timeline.Tap, user)(e) || marked(timeline.Tap, another)(e) })(line)
					line.Events = append(append(line.Events, first...), second...)
				},
			},
		},
	}
}
