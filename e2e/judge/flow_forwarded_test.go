package judge_test

import (
	"fmt"
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// behindProxy is a session at a proxy before the dashboard, in which a client claims
// to be another user, and it changes nothing.
func behindProxy(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.line.Header.Users = append(w.line.Header.Users, timeline.User{Name: another, ID: "id-of-another"})
	w.logIn()
	w.request("GET", "/api/v1/namespaces", http.StatusOK)
	claim := func(kind, method, target string, status int, as string) {
		w.step(time.Second)
		began := w.now
		if kind == judge.BesideSession && target[:3] != "/me" {
			w.request(method, target, status)
		}
		w.suite(timeline.Event{
			Kind: timeline.Attempted, Text: "a claim", Level: kind, Count: status, Identified: &timeline.Identified{User: as},
			Request: &timeline.Request{Method: method, URL: target, Status: status, Began: began},
		})
	}
	for i := range 10 {
		target := fmt.Sprintf("/apis/authentication.k8s.io/v1/selfsubjectreviews?attempt=%d", i)
		claim(judge.BesideSession, http.MethodPost, target, http.StatusCreated, user)
		claim(judge.WithoutSession, http.MethodPost, target+"-alone", http.StatusUnauthorized, "")
	}
	claim(judge.BesideSession, http.MethodGet, "/me?attempt=10", http.StatusOK, user)
	claim(judge.WithoutSession, http.MethodGet, "/me?attempt=11", http.StatusFound, "")
	claim(judge.BesideSession, http.MethodGet, "/api/v1/namespaces?attempt=12&watch=1", http.StatusSwitchingProtocols, "")
	claim(judge.WithoutSession, http.MethodGet, "/api/v1/namespaces?attempt=13&watch=1", http.StatusUnauthorized, "")
	w.line.Sort()
	return w.line
}

func forwardedFlow() flow {
	const rule = "proxy-names-user"
	attempt := func(kind, url string) func(timeline.Event) bool {
		return func(e timeline.Event) bool {
			return e.Kind == timeline.Attempted && e.Level == kind && (url == "" || e.Request.URL == url)
		}
	}
	const first = "/apis/authentication.k8s.io/v1/selfsubjectreviews?attempt=0"
	at := func(witness timeline.Witness) func(timeline.Event) bool {
		return func(e timeline.Event) bool {
			return e.Witness == witness && ((e.Request != nil && e.Request.URL == first) || (e.Record != nil && e.Record.URI == first))
		}
	}
	return flow{
		rules: []string{rule},
		line:  behindProxy,
		broken: []broken{
			withoutLogin(rule),
			{
				rule: rule, how: "when nobody logged in at Keycloak", symptom: judge.NothingSeen, says: "no login of a user at the proxy",
				change: without(is(timeline.Keycloak, timeline.Login)),
			},
			{
				rule: rule, how: "when too little was tried", symptom: judge.NothingSeen, says: "11 claims of the kind without-session",
				change: without(attempt(judge.WithoutSession, first+"-alone")),
			},
			{
				rule: rule, how: "when it is not told what was answered", symptom: judge.NothingSeen, says: "what came of the claim",
				change: among(attempt(judge.BesideSession, first), func(e *timeline.Event) { e.Identified = nil }),
			},
			{
				rule: rule, how: "when it is not told what was asked", symptom: judge.NothingSeen, says: "what came of the claim",
				change: among(attempt(judge.BesideSession, first), func(e *timeline.Event) { e.Request = nil }),
			},
			{
				rule: rule, how: "by an answer to another", symptom: judge.WrongIdentity, says: `answered as one of "another"`,
				change: among(attempt(judge.BesideSession, first), func(e *timeline.Event) { e.Identified = &timeline.Identified{User: another} }),
			},
			{
				rule: rule, how: "by what the dashboard tells its page", symptom: judge.WrongIdentity, says: `answered as one of "another"`,
				change: among(attempt(judge.BesideSession, "/me?attempt=10"), func(e *timeline.Event) { e.Identified = &timeline.Identified{User: another} }),
			},
			{
				rule: rule, how: "by a refusal", symptom: judge.NotServed, says: "was answered 401",
				change: among(attempt(judge.BesideSession, first), func(e *timeline.Event) { e.Count = http.StatusUnauthorized }),
			},
			{
				rule: rule, how: "at the tap", symptom: judge.WrongIdentity, says: `went out as "another"`,
				change: among(at(timeline.Tap), func(e *timeline.Event) { actAs(e, another) }),
			},
			{
				rule: rule, how: "at the tap, by headers", mode: "native", symptom: judge.WrongIdentity, says: `went out as "another"`,
				change: among(at(timeline.Tap), func(e *timeline.Event) { actAs(e, another) }),
			},
			{
				rule: rule, how: "by nobody at the tap", symptom: judge.WrongIdentity, says: "went out as nobody's",
				change: among(at(timeline.Tap), func(e *timeline.Event) { e.Request.Bearer = nil }),
			},
			{
				rule: rule, how: "in the audit log", symptom: judge.WrongIdentity, says: `"another" did`,
				change: among(at(timeline.Audit), func(e *timeline.Event) { actAs(e, another) }),
			},
			{
				rule: rule, how: "when the tap did not see it", symptom: judge.NothingSeen, says: "the tap saw nothing",
				change: without(at(timeline.Tap)),
			},
			{
				rule: rule, how: "by a stranger who was answered", symptom: judge.Escalated, says: "without a session",
				change: among(attempt(judge.WithoutSession, first+"-alone"), func(e *timeline.Event) { e.Count = http.StatusCreated }),
			},
			{
				rule: rule, how: "by a stranger who was passed on", symptom: judge.Escalated, says: "reached the API server",
				change: func(line *timeline.Timeline) {
					line.Events = append(line.Events, line.Select(at(timeline.Tap))...)
					last := &line.Events[len(line.Events)-1]
					request := *last.Request
					request.URL += "-alone"
					last.Request = &request
				},
			},
		},
	}
}
