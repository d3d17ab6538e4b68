package judge_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// forbidden is what the user may not read.
const forbidden = "/apis/rbac.authorization.k8s.io/v1/clusterroles"

// attacked is a session in which identities are forged, and all is refused.
func attacked(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.use()
	for i := range 12 {
		w.step(time.Second)
		w.request("GET", forbidden, http.StatusForbidden)
		w.last(timeline.Front).Cookies = []string{"headlamp-auth-main.0"}
		w.suite(timeline.Event{Kind: timeline.Attempted, Text: fmt.Sprintf("forgery %d", i), Count: http.StatusForbidden})
	}
	w.line.Sort()
	return w.line
}

// asked is a session that asks for what is forbidden.
func asked(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.use()
	w.step(time.Second)
	w.request("GET", forbidden, http.StatusForbidden)
	w.suite(timeline.Event{Kind: timeline.Attempted, Text: forbidden, Count: http.StatusForbidden})
	w.line.Sort()
	return w.line
}

// forbiddenAt fits the first request for what is forbidden, as one witness saw it.
func forbiddenAt(witness timeline.Witness) func(timeline.Event) bool {
	return nth(0, func(e timeline.Event) bool {
		return e.Witness == witness && e.Request != nil && e.Kind == timeline.Responded && e.Request.Status == http.StatusForbidden &&
			(e.Request.URL == forbidden || e.Request.URL == "/clusters/main"+forbidden)
	})
}

func attackFlow() flow {
	const refused, kept = "forgery-refused", "no-cookie-upstream"
	return flow{
		rules: []string{refused, kept},
		line:  attacked,
		broken: []broken{
			{
				rule: refused, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded", also: []string{kept},
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: kept, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded", also: []string{refused},
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: refused, how: "by an attempt that succeeded", symptom: judge.Escalated, says: "(forgery 0) was answered 200",
				change: among(nth(0, is(timeline.Suite, timeline.Attempted)), func(e *timeline.Event) { e.Count = http.StatusOK }),
			},
			{
				rule: refused, how: "by somebody else in the audit log", symptom: judge.Escalated, says: `let "admin" do`,
				change: among(nth(0, func(e timeline.Event) bool { return e.Record != nil && e.Record.URI == forbidden }), func(e *timeline.Event) {
					e.Record.ImpersonatedUser, e.Record.Code = "admin", http.StatusOK
				}),
			},
			{
				rule: refused, how: "by a group at the tap", mode: "native", symptom: judge.Escalated, says: "system:masters",
				change: among(forbiddenAt(timeline.Tap), func(e *timeline.Event) {
					e.Request.Impersonation = &timeline.Impersonation{User: user, Groups: []string{"developers", "testers", "system:masters"}}
				}),
			},
			{
				rule: refused, how: "when little was tried", symptom: judge.NothingSeen, says: "at least 10",
				change: without(func(e timeline.Event) bool { return e.Kind == timeline.Attempted && e.Text != "forgery 0" }),
			},
			{
				rule: refused, how: "when the user could do nothing", symptom: judge.NothingSeen, says: "no request of the user succeeded",
				change: without(func(e timeline.Event) bool {
					return e.Witness == timeline.Tap && e.Request.Status < http.StatusBadRequest
				}),
			},
			{
				rule: kept, how: "by a cookie at the tap", symptom: judge.CookieUpstream, says: "session cookie to the API server",
				change: among(forbiddenAt(timeline.Tap), func(e *timeline.Event) { e.Request.Cookies = []string{"headlamp-auth-main.0"} }),
			},
			{
				rule: kept, how: "by a token in any cookie at the tap", symptom: judge.CookieUpstream, says: "session cookie",
				change: among(forbiddenAt(timeline.Tap), func(e *timeline.Event) { e.Request.CookieToken = e.Request.Bearer }),
			},
			{
				rule: kept, how: "when the browser sent none", symptom: judge.NothingSeen, says: "the front saw no request",
				change: among(is(timeline.Front, timeline.Responded), func(e *timeline.Event) { e.Request.Cookies, e.Request.CookieToken = nil, nil }),
			},
			{
				rule: kept, how: "when nothing went upstream", symptom: judge.NothingSeen, says: "no request was answered at the tap", also: []string{refused},
				change: without(is(timeline.Tap, timeline.Responded)),
			},
		},
	}
}

func forbiddenFlow() flow {
	const rule = "no-fallback"
	return flow{
		rules: []string{rule},
		line:  asked,
		broken: []broken{
			{
				rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: rule, how: "by an answer", symptom: judge.FellBack, says: "was answered 200",
				change: among(is(timeline.Suite, timeline.Attempted), func(e *timeline.Event) { e.Count = http.StatusOK }),
			},
			{
				rule: rule, how: "by the dashboard in the user's place", symptom: judge.FellBack, says: `went out as "system:serviceaccount:headlamp:headlamp"`,
				change: among(forbiddenAt(timeline.Tap), func(e *timeline.Event) {
					own := *e.Request.Bearer
					own.Username = "system:serviceaccount:headlamp:headlamp"
					e.Request.Bearer = &own
				}),
			},
			{
				rule: rule, how: "when nobody asked", symptom: judge.NothingSeen, says: "nobody asked for what is forbidden",
				change: without(is(timeline.Suite, timeline.Attempted)),
			},
			{
				rule: rule, how: "when it never reached the tap", symptom: judge.NothingSeen, says: "the tap saw nobody ask",
				change: without(forbiddenAt(timeline.Tap)),
			},
		},
	}
}
