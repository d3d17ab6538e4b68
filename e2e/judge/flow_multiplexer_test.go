package judge_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// multiplexedStream is the address of a stream that somebody asks for.
func multiplexedStream(number int) string {
	return fmt.Sprintf("/api/v1/namespaces?watch=1&attempt=%d", number)
}

// streamsApart is a session whose streams at the multiplexer are its own, although
// others name them.
func streamsApart(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.line.Header.Users = append(w.line.Header.Users, timeline.User{Name: another, ID: "id-of-another"})
	w.logIn()
	number := 0
	ask := func(kind, who string) {
		w.step(time.Second)
		address := multiplexedStream(number)
		number++
		w.suite(timeline.Event{Kind: timeline.Attempted, Text: who, Level: kind, Request: &timeline.Request{Method: "GET", URL: address, Began: w.now}})
		begin := len(w.line.Events)
		token := w.token
		if who == "" {
			w.token = nil
		}
		w.request("GET", address, http.StatusSwitchingProtocols)
		w.token = token
		for i := range w.line.Events[begin:] {
			if who != "" {
				actAs(&w.line.Events[begin+i], who)
			}
		}
	}
	told := func() {
		w.step(time.Second)
		w.suite(timeline.Event{Kind: timeline.StreamTold, Text: user, Level: "/api/v1/namespaces", Count: 1})
	}
	ask(judge.AsksFirst, user)
	ask(judge.AsksAgain, another)
	ask(judge.AsksAgain, "")
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.StreamClosedByStranger})
	ask(judge.AsksFirst, "")
	told()
	ask(judge.AsksFirst, another)
	ask(judge.AsksAgain, user)
	told()
	w.line.Sort()
	return w.line
}

func multiplexerFlow() flow {
	const rule = "streams-belong-to-sessions"
	stream := func(witness timeline.Witness, number int) func(timeline.Event) bool {
		return func(e timeline.Event) bool {
			return e.Witness == witness && ((e.Request != nil && e.Request.URL == multiplexedStream(number)) || (e.Record != nil && e.Record.URI == multiplexedStream(number)))
		}
	}
	asks := func(number int) func(timeline.Event) bool {
		return nth(number, is(timeline.Suite, timeline.Attempted))
	}
	return flow{
		rules: []string{rule},
		line:  streamsApart,
		broken: []broken{
			withoutLogin(rule),
			{
				rule: rule, how: "when nobody named another's", symptom: judge.NothingSeen, says: "1 streams were asked for of a name",
				change: without(asks(1)),
			},
			{
				rule: rule, how: "when nobody closed another's", symptom: judge.NothingSeen, says: "nobody closed",
				change: without(is(timeline.Suite, timeline.Acted)),
			},
			{
				rule: rule, how: "when nobody looked what was told", symptom: judge.NothingSeen, says: "looked 1 times",
				change: without(nth(0, is(timeline.Suite, timeline.StreamTold))),
			},
			{
				rule: rule, how: "when it is not told what was asked for", symptom: judge.NothingSeen, says: "which stream",
				change: among(asks(0), func(e *timeline.Event) { e.Request = nil }),
			},
			{
				rule: rule, how: "when the first stream was not opened", symptom: judge.NotServed, says: "never asked for the stream that dev asked for",
				change: without(stream(timeline.Tap, 0)),
			},
			{
				rule: rule, how: "when the API server refused one", symptom: judge.NotServed, says: "was answered 403",
				change: among(stream(timeline.Tap, 0), func(e *timeline.Event) { e.Request.Status = http.StatusForbidden }),
			},
			{
				rule: rule, how: "by another's in the place of the own", symptom: judge.UsersMixed, says: "that dev asked for, of a name that somebody else had used",
				change: without(stream(timeline.Tap, 5)),
			},
			{
				rule: rule, how: "by another user's identity", symptom: judge.UsersMixed, says: `a stream that dev asked for went out as one of "another"`,
				change: among(stream(timeline.Tap, 5), func(e *timeline.Event) { actAs(e, another) }),
			},
			{
				rule: rule, how: "by a stranger's in a user's name", symptom: judge.UsersMixed, says: `that system:anonymous asked for went out as one of "dev"`,
				change: func(line *timeline.Timeline) {
					own := line.Select(stream(timeline.Tap, 0))[0].Request
					among(stream(timeline.Tap, 2), func(e *timeline.Event) { e.Request.Bearer = own.Bearer })(line)
				},
			},
			{
				rule: rule, how: "in the audit log", symptom: judge.UsersMixed, says: `the audit log says that "another" opened`,
				change: among(stream(timeline.Audit, 5), func(e *timeline.Event) { actAs(e, another) }),
			},
			{
				rule: rule, how: "by a stranger who closed it", symptom: judge.UsersMixed, says: "told nothing of what was new",
				change: among(nth(0, is(timeline.Suite, timeline.StreamTold)), func(e *timeline.Event) { e.Count = 0 }),
			},
		},
	}
}
