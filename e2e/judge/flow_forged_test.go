package judge_test

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// entrance begins the timeline of a login that is no plain one.
func entrance(mode string) *writer {
	return &writer{now: noon, line: timeline.Timeline{Header: healthy(mode).Header}}
}

func (w *writer) told() timeline.Timeline {
	w.step(time.Second)
	w.line.Sort()
	return w.line
}

// callback is one that the front answers.
func (w *writer) callback(status int, cookies ...timeline.Cookie) {
	w.add(timeline.Event{Witness: timeline.Front, Kind: timeline.Responded, Request: &timeline.Request{
		Method: "GET", URL: "/oidc-callback?code=redacted-0123456789ab", Status: status, Began: w.now, SetCookies: cookies,
	}})
}

// forgedCallbacks are all that no honest browser comes back with, and one honest
// login.
func forgedCallbacks(string) timeline.Timeline {
	w := entrance("token")
	for _, forged := range []string{judge.ForgedState, judge.NoState, judge.NoCode, judge.FromElsewhere, judge.Replayed} {
		w.step(time.Second)
		began, status := w.now, http.StatusForbidden
		if forged == judge.Replayed {
			w.callback(http.StatusSeeOther, w.cookies()...)
			w.suite(timeline.Event{Kind: timeline.LoggedIn})
			w.step(time.Second)
			began, status = w.now, 0
		}
		w.callback(http.StatusBadRequest, timeline.Cookie{Name: "headlamp-login-x", Deleted: true})
		w.step(time.Second)
		w.suite(timeline.Event{Kind: timeline.Forged, Text: forged, Count: status, Request: &timeline.Request{
			Method: "GET", URL: "/oidc-callback", Status: http.StatusBadRequest, Began: began,
		}})
	}
	return w.told()
}

// forgedWith fits what the suite tells of one kind of forged callback.
func forgedWith(what string) func(timeline.Event) bool {
	return func(e timeline.Event) bool { return e.Kind == timeline.Forged && e.Text == what }
}

// answerTo changes the front's answer to one kind of forged callback.
func answerTo(what string, change func(*timeline.Request)) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		attempt := line.Select(forgedWith(what))[0]
		among(func(e timeline.Event) bool {
			return e.Witness == timeline.Front && e.At.Equal(attempt.Request.Began) && e.Request.Status == http.StatusBadRequest
		},
			func(e *timeline.Event) { change(e.Request) })(line)
		among(forgedWith(what), func(e *timeline.Event) {
			answered := *e.Request
			change(&answered)
			e.Request = &answered
		})(line)
	}
}

// forgedFlow is coming back from Keycloak as no honest browser does.
func forgedFlow() flow {
	return flow{rules: []string{"forged-callbacks-refused", "foreign-callback-refused"}, line: forgedCallbacks, broken: brokenForgeries()}
}

func brokenForgeries() []broken {
	session := func(r *timeline.Request) { r.SetCookies = []timeline.Cookie{{Name: "headlamp-auth-main.0"}} }
	success := func(r *timeline.Request) { r.Status = http.StatusOK }
	cases := []broken{{
		rule: "forged-callbacks-refused", how: "when no honest login works", symptom: judge.NotLoggedIn, says: "no honest login",
		change: without(is(timeline.Suite, timeline.LoggedIn)), also: []string{"foreign-callback-refused"},
	}}
	for what, rule := range map[string]string{
		judge.ForgedState: "forged-callbacks-refused", judge.NoState: "forged-callbacks-refused", judge.NoCode: "forged-callbacks-refused",
		judge.Replayed: "forged-callbacks-refused", judge.FromElsewhere: "foreign-callback-refused",
	} {
		cases = append(cases,
			broken{rule: rule, how: "by a session for " + what, symptom: judge.ForgedLogin, says: "a session's cookie", change: answerTo(what, session)},
			broken{rule: rule, how: "by a success for " + what, symptom: judge.ForgedLogin, says: "as if all were well", change: answerTo(what, success)},
			broken{
				rule: rule, how: "by knowing who came with " + what, symptom: judge.ForgedLogin, says: "knew the browser's user",
				change: among(forgedWith(what), func(e *timeline.Event) { e.Count = http.StatusCreated }),
			},
			broken{
				rule: rule, how: "by a stack trace for " + what, symptom: judge.TraceShown, says: "a stack trace",
				change: among(forgedWith(what), func(e *timeline.Event) { e.Level = timeline.ShowsTrace }),
			},
			broken{rule: rule, how: "when nobody came with " + what, symptom: judge.NothingSeen, says: "nobody came back", change: without(forgedWith(what))},
			broken{
				rule: rule, how: "when the front did not see " + what, symptom: judge.NothingSeen, says: "the front saw no answer",
				change: among(forgedWith(what), func(e *timeline.Event) {
					other := *e.Request
					other.Status = http.StatusTeapot
					e.Request = &other
				}),
			})
	}
	return cases
}
