package judge_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const podPath = "/api/v1/namespaces/streams/pods/pod"

// streamed is a hold after which a terminal is opened and a log is followed.
func streamed(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.hold()
	for _, stream := range []struct{ name, path string }{{timeline.Terminal, podPath + "/exec"}, {timeline.Log, podPath + "/log"}} {
		w.step(time.Second)
		begun := w.now
		w.request("GET", stream.path+"?container=main", http.StatusSwitchingProtocols)
		w.step(time.Second)
		w.suite(timeline.Event{Kind: timeline.Streamed, Text: stream.name, Request: &timeline.Request{Method: "GET", URL: stream.path, Began: begun}})
	}
	w.line.Sort()
	return w.line
}

// ofPath fits what a witness saw of requests for a path.
func ofPath(witness timeline.Witness, path string) func(timeline.Event) bool {
	return func(e timeline.Event) bool {
		return e.Witness == witness && ((e.Request != nil && strings.HasPrefix(e.Request.URL, path)) || (e.Record != nil && strings.HasPrefix(e.Record.URI, path)))
	}
}

func streamsFlow() flow {
	const rule = "streams-served"
	stream := func(name string) func(timeline.Event) bool {
		return func(e timeline.Event) bool { return e.Kind == timeline.Streamed && e.Text == name }
	}
	problem := func(e *timeline.Event) { request := *e.Request; request.Error = "it was refused"; e.Request = &request }
	return flow{
		rules: []string{rule},
		line:  streamed,
		broken: []broken{
			{
				rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: rule, how: "after too few expiries", symptom: judge.ExpiryNotCrossed, says: "2 of 3 expiries",
				change: without(nth(0, is(timeline.Suite, timeline.ExpiryCrossed))),
			},
			{
				rule: rule, how: "when the terminal was opened too early", symptom: judge.NothingSeen, says: "no terminal was opened after expiry 3",
				change: among(stream(timeline.Terminal), func(e *timeline.Event) { e.At = noon.Add(20 * time.Second) }),
			},
			{
				rule: rule, how: "when no log was followed", symptom: judge.NothingSeen, says: "no log was opened after expiry 3",
				change: without(stream(timeline.Log)),
			},
			{
				rule: rule, how: "by a terminal", symptom: judge.StreamFailed, says: "terminal that was opened after expiry 3 did not work: it was refused",
				change: among(stream(timeline.Terminal), problem),
			},
			{
				rule: rule, how: "by a log that never reached the API server", symptom: judge.StreamFailed, says: "log that was opened after expiry 3 did not work",
				change: func(line *timeline.Timeline) {
					among(stream(timeline.Log), problem)(line)
					without(ofPath(timeline.Tap, podPath+"/log"))(line)
				},
			},
			{
				rule: rule, how: "by an expired token", symptom: judge.ExpiredToken, says: "expired for",
				change: among(ofPath(timeline.Tap, podPath+"/exec"), expiredFor(time.Minute)),
			},
			{
				rule: rule, how: "by an expired token at the impersonator", mode: "proxy", symptom: judge.ExpiredToken, says: "expired for",
				change: among(ofPath(timeline.Impersonator, podPath+"/exec"), expiredFor(time.Minute)),
			},
			{
				rule: rule, how: "by a log without a credential", symptom: judge.WrongCredential, says: "/log carried no token",
				change: among(ofPath(timeline.Tap, podPath+"/log"), func(e *timeline.Event) { e.Request.Bearer = nil }),
			},
			{
				rule: rule, how: "by a terminal for nobody", mode: "native", symptom: judge.NotImpersonated, says: "/exec asked to impersonate nobody",
				change: among(ofPath(timeline.Tap, podPath+"/exec"), func(e *timeline.Event) { e.Request.Impersonation = nil }),
			},
			{
				rule: rule, how: "by the audit log", symptom: judge.WrongIdentity, says: `the audit log says that "another" did get ` + podPath + "/exec",
				change: among(ofPath(timeline.Audit, podPath+"/exec"), func(e *timeline.Event) { e.Record.User = another }),
			},
			{
				rule: rule, how: "when the tap saw nothing of a terminal", symptom: judge.NothingSeen, says: "the tap saw nothing of the terminal",
				change: without(ofPath(timeline.Tap, podPath+"/exec")),
			},
			{
				rule: rule, how: "when the tap saw a log refused that worked", symptom: judge.NothingSeen, says: "the tap saw nothing of the log",
				change: among(ofPath(timeline.Tap, podPath+"/log"), status(http.StatusForbidden)),
			},
			{
				rule: rule, how: "when the audit log has nothing of a log", symptom: judge.NothingSeen, says: "the audit log has nothing of the log",
				change: without(ofPath(timeline.Audit, podPath+"/log")),
			},
		},
	}
}

// everyVerbUsed is a session that uses the cluster in every way.
func everyVerbUsed(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	const maps = "/api/v1/namespaces/verbs/configmaps"
	for _, asked := range []struct {
		method, path                string
		status                      int
		verb, resource, subresource string
	}{
		{"GET", "/version", http.StatusOK, "get", "", ""},
		{"GET", maps + "?watch=1", http.StatusSwitchingProtocols, "watch", "configmaps", ""},
		{"POST", maps, http.StatusCreated, "create", "configmaps", ""},
		{"GET", maps + "/verbs", http.StatusOK, "get", "configmaps", ""},
		{"GET", maps, http.StatusOK, "list", "configmaps", ""},
		{"DELETE", maps + "/verbs", http.StatusOK, "delete", "configmaps", ""},
		{"GET", podPath + "/exec?container=main", http.StatusSwitchingProtocols, "create", "pods", "exec"},
		{"GET", podPath + "/log?container=main", http.StatusSwitchingProtocols, "get", "pods", "log"},
	} {
		w.step(time.Second)
		w.request(asked.method, asked.path, asked.status)
		record := w.line.Events[len(w.line.Events)-1].Record
		record.Verb, record.Resource, record.Subresource = asked.verb, asked.resource, asked.subresource
	}
	w.line.Sort()
	return w.line
}

func everyVerbFlow() flow {
	const rule = "same-user-on-every-verb"
	unseen := func(path, name string) broken {
		return broken{
			rule: rule, how: "when it saw no " + name, symptom: judge.NothingSeen, says: "saw no " + name + " that was served",
			change: without(func(e timeline.Event) bool {
				return e.Witness == timeline.Tap && e.Request.Method+" "+e.Request.URL == path
			}),
		}
	}
	const maps = "/api/v1/namespaces/verbs/configmaps"
	return flow{
		rules: []string{rule},
		line:  everyVerbUsed,
		broken: []broken{
			{
				rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			unseen("GET /version", "discovery"), unseen("GET "+maps+"?watch=1", "watch"), unseen("POST "+maps, "create"),
			unseen("GET "+maps+"/verbs", "get"), unseen("GET "+maps, "list"), unseen("DELETE "+maps+"/verbs", "delete"),
			unseen("GET "+podPath+"/exec?container=main", "terminal"), unseen("GET "+podPath+"/log?container=main", "log"),
			{
				rule: rule, how: "when what it saw was refused", symptom: judge.NothingSeen, says: "no create that was served",
				change: among(func(e timeline.Event) bool { return e.Witness == timeline.Tap && e.Request.Method == "POST" }, status(http.StatusConflict)),
			},
			{
				rule: rule, how: "when the log did not stream", symptom: judge.NothingSeen, says: "no log that was served",
				change: among(ofPath(timeline.Tap, podPath+"/log"), func(e *timeline.Event) { e.Request.WebSocket = false }),
			},
			{
				rule: rule, how: "by a log without a credential", symptom: judge.WrongCredential, says: "/log carried no token",
				change: among(ofPath(timeline.Tap, podPath+"/log"), func(e *timeline.Event) { e.Request.Bearer = nil }),
			},
			{
				rule: rule, how: "by another user's token at the impersonator", mode: "proxy", symptom: judge.WrongIdentity, says: `a token of "another"`,
				change: among(ofPath(timeline.Impersonator, "/version"), func(e *timeline.Event) {
					token := *e.Request.Bearer
					token.Username = another
					e.Request.Bearer = &token
				}),
			},
			{
				rule: rule, how: "by a terminal for nobody", mode: "native", symptom: judge.NotImpersonated, says: "/exec asked to impersonate nobody",
				change: among(ofPath(timeline.Tap, podPath+"/exec"), func(e *timeline.Event) { e.Request.Impersonation = nil }),
			},
			{
				rule: rule, how: "by a user in the audit log", symptom: judge.WrongIdentity, says: `"another" did delete`,
				change: among(func(e timeline.Event) bool { return e.Record != nil && e.Record.Verb == "delete" }, func(e *timeline.Event) { e.Record.User = another }),
			},
			{
				rule: rule, how: "by groups in the audit log", mode: "proxy", symptom: judge.WrongIdentity, says: `the group "testers" is missing`,
				change: among(ofPath(timeline.Audit, podPath+"/exec"), func(e *timeline.Event) {
					e.Record.ImpersonatedGroups = []string{"developers", "system:authenticated"}
				}),
			},
		},
	}
}
