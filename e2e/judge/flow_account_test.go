package judge_test

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// used is a session that sends a request of every kind.
func used(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.use()
	for _, path := range judge.Discovery {
		w.step(time.Second)
		w.request("GET", path, http.StatusOK)
	}
	w.step(time.Second)
	w.request("GET", forbidden, http.StatusForbidden)
	w.watch("/api/v1/namespaces?watch=1")
	w.line.Sort()
	return w.line
}

// asItself makes a request one of the dashboard's own account.
func asItself(e *timeline.Event) {
	e.Request.Bearer = &redact.Token{Hash: "account", Issuer: "https://kubernetes", Subject: "system:serviceaccount:headlamp:headlamp"}
	e.Request.Impersonation = nil
}

func accountFlow() flow {
	const rule = "account-unused"
	asked := func(witness timeline.Witness, url string) func(timeline.Event) bool {
		return func(e timeline.Event) bool { return e.Witness == witness && e.Request != nil && e.Request.URL == url }
	}
	return flow{
		rules: []string{rule},
		line:  used,
		broken: []broken{
			{
				rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: rule, how: "by a request at the tap", symptom: judge.ActsAsItself, says: "GET /version went out as system:serviceaccount:headlamp:headlamp",
				change: among(asked(timeline.Tap, "/version"), asItself),
			},
			{
				rule: rule, how: "by a request without headers", mode: "native", symptom: judge.ActsAsItself, says: "for nobody",
				change: among(asked(timeline.Tap, "/version"), func(e *timeline.Event) { e.Request.Impersonation = nil }),
			},
			{
				rule: rule, how: "by a request that names groups alone", mode: "native", symptom: judge.ActsAsItself, says: "for nobody",
				change: among(asked(timeline.Tap, "/version"), func(e *timeline.Event) {
					e.Request.Impersonation = &timeline.Impersonation{Groups: []string{"developers"}}
				}),
			},
			{
				rule: rule, how: "at the impersonator", mode: "proxy", symptom: judge.ActsAsItself, says: "went out as system:serviceaccount:headlamp:headlamp",
				change: among(asked(timeline.Impersonator, "/version"), func(e *timeline.Event) {
					impersonation := e.Request.Impersonation
					asItself(e)
					e.Request.Impersonation = impersonation
				}),
			},
			{
				rule: rule, how: "in the audit log", symptom: judge.ActsAsItself, says: "did get /version itself",
				change: among(func(e timeline.Event) bool { return e.Record != nil && e.Record.URI == "/version" }, func(e *timeline.Event) {
					e.Record.User = "system:serviceaccount:headlamp:headlamp"
				}),
			},
			{
				rule: rule, how: "when nothing was deleted", symptom: judge.NothingSeen, says: "no delete",
				change: without(func(e timeline.Event) bool { return e.Witness == timeline.Tap && e.Request.Method == "DELETE" }),
			},
			{
				rule: rule, how: "when nobody asked what the cluster has", symptom: judge.NothingSeen, says: "what the cluster has",
				change: without(func(e timeline.Event) bool {
					return e.Witness == timeline.Tap && (e.Request.URL == "/version" || e.Request.URL == "/api" || e.Request.URL == "/apis")
				}),
			},
			{
				rule: rule, how: "when nothing was forbidden", symptom: judge.NothingSeen, says: "nothing forbidden",
				change: among(func(e timeline.Event) bool {
					return e.Witness == timeline.Tap && e.Request.Status == http.StatusForbidden
				}, func(e *timeline.Event) { e.Request.Status = http.StatusOK }),
			},
		},
	}
}
