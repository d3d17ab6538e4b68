package judge_test

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// tried is an impersonator that somebody goes to past the dashboard, and that
// refuses what it should.
func tried(string) timeline.Timeline {
	w := newWriter("proxy")
	w.newToken()
	number := 0
	try := func(kind string, status int) {
		number++
		w.step(time.Second)
		target := fmt.Sprintf("/apis/authentication.k8s.io/v1/selfsubjectreviews?attempt=%s-%d", kind, number)
		began := w.now
		if status == http.StatusCreated {
			w.request(http.MethodPost, target, status)
		}
		w.suite(timeline.Event{Kind: timeline.Attempted, Text: fmt.Sprintf("%s %d", kind, number), Level: kind, Count: status, Request: &timeline.Request{
			Method: http.MethodPost, URL: target, Status: status, Began: began,
		}})
	}
	for range 2 {
		try(judge.GoodToken, http.StatusCreated)
	}
	for range 14 {
		try(judge.BadToken, http.StatusUnauthorized)
	}
	for range 11 {
		try(judge.ClaimsAnother, http.StatusCreated)
	}
	try(judge.ClaimsAnother, http.StatusBadRequest)
	try(judge.GoodToken, http.StatusCreated)
	w.line.Sort()
	return w.line
}

// triedAs fits the tries of a kind.
func triedAs(kind string) func(timeline.Event) bool {
	return func(e timeline.Event) bool { return e.Kind == timeline.Attempted && e.Level == kind }
}

func impersonatorFlow() flow {
	const rule = "bad-tokens-refused"
	passed := nth(5, is(timeline.Tap, timeline.Responded))
	return flow{
		rules: []string{rule},
		line:  tried,
		broken: []broken{
			{
				rule: rule, how: "when too few bad tokens were tried", symptom: judge.NothingSeen, says: "13 tries of the kind bad-token",
				change: without(nth(0, triedAs(judge.BadToken))),
			},
			{
				rule: rule, how: "when no good token was tried", symptom: judge.NothingSeen, says: "0 tries of the kind good-token",
				change: without(triedAs(judge.GoodToken)),
			},
			{
				rule: rule, how: "when it is not told what was tried", symptom: judge.NothingSeen, says: "what was tried",
				change: among(nth(0, triedAs(judge.BadToken)), func(e *timeline.Event) { e.Request = nil }),
			},
			{
				rule: rule, how: "by an answer to a bad token", symptom: judge.BadTokenAdmitted, says: "was not refused, but answered 201",
				change: among(nth(3, triedAs(judge.BadToken)), func(e *timeline.Event) { e.Count = http.StatusCreated }),
			},
			{
				rule: rule, how: "by a bad token that is passed on", symptom: judge.BadTokenAdmitted, says: "was passed on",
				change: func(line *timeline.Timeline) {
					bad := line.Select(nth(3, triedAs(judge.BadToken)))[0]
					line.Events = append(line.Events, at(timeline.Event{Witness: timeline.Tap, Kind: timeline.Responded, Request: &timeline.Request{
						Method: http.MethodPost, URL: bad.Request.URL, Status: http.StatusForbidden,
					}}, bad.At))
				},
			},
			{
				rule: rule, how: "by a good token that is refused in the end", symptom: judge.NotServed, says: "was answered 401",
				change: among(nth(2, triedAs(judge.GoodToken)), func(e *timeline.Event) { e.Count = http.StatusUnauthorized }),
			},
			{
				rule: rule, how: "when good tokens never reach the tap", symptom: judge.NotServed, says: "passed on 0 times",
				change: without(is(timeline.Tap, timeline.Responded)),
			},
			{
				rule: rule, how: "by another user", symptom: judge.WrongIdentity, says: `impersonate "admin"`,
				change: among(passed, func(e *timeline.Event) { e.Request.Impersonation = &timeline.Impersonation{User: "admin"} }),
			},
			{
				rule: rule, how: "by an extra", symptom: judge.WrongIdentity, says: "more than a name and groups",
				change: among(nth(5, is(timeline.Tap, timeline.Responded)), func(e *timeline.Event) {
					asked := *e.Request.Impersonation
					asked.Groups, asked.Extra = slices.Clone(asked.Groups), []string{"scopes"}
					e.Request.Impersonation = &asked
				}),
			},
			{
				rule: rule, how: "by nobody who is impersonated", symptom: judge.NotImpersonated, says: "impersonate nobody",
				change: among(nth(5, is(timeline.Tap, timeline.Responded)), func(e *timeline.Event) { e.Request.Impersonation = nil }),
			},
			{
				rule: rule, how: "by the user's own token", symptom: judge.WrongCredential, says: "the user's own token",
				change: among(nth(5, is(timeline.Tap, timeline.Responded)), func(e *timeline.Event) { e.Request.Beside = []redact.Token{{Issuer: issuer}} }),
			},
			{
				rule: rule, how: "by a cookie", symptom: judge.CookieUpstream, says: "session cookie",
				change: among(nth(5, is(timeline.Tap, timeline.Responded)), func(e *timeline.Event) { e.Request.CookieToken = &redact.Token{Issuer: issuer} }),
			},
			{
				rule: rule, how: "by another user in the audit log", symptom: judge.WrongIdentity, says: `"admin" was impersonated`,
				change: among(nth(5, is(timeline.Audit, timeline.Audited)), func(e *timeline.Event) { e.Record.ImpersonatedUser = "admin" }),
			},
		},
	}
}
