package judge_test

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	looked  = "/api/v1/namespaces/stays/configmaps"
	deleted = looked + "/stays"
)

// attempt is a request that the suite sends for the user, and notes.
func (w *writer) attempt(level, method, path string, status int) {
	w.step(time.Second)
	w.request(method, path, status)
	w.suite(timeline.Event{Kind: timeline.Attempted, Level: level, Text: path, Count: status})
}

// refuseLast makes of the last request one whose impersonation was refused.
func (w *writer) refuseLast() {
	for i := len(w.line.Events) - 1; ; i-- {
		if record := w.line.Events[i].Record; record != nil {
			record.ImpersonatedUser, record.ImpersonatedGroups, record.Constraint = "", nil, ""
			return
		}
	}
}

// constrained is a session of a user whom an account may impersonate only to look.
func constrained(string) timeline.Timeline {
	w := newWriter("native")
	w.logIn()
	w.attempt(judge.Looks, "GET", looked, http.StatusOK)
	w.attempt(judge.Deletes, "DELETE", deleted, http.StatusForbidden)
	for i := range w.line.Events {
		if record := w.line.Events[i].Record; record != nil && record.ImpersonatedUser != "" {
			record.Constraint = "impersonate:user-info"
		}
	}
	w.refuseLast()
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.ObjectStayed})
	// Who asks without a credential asks for nobody.
	w.request("GET", "/healthz", http.StatusForbidden)
	anonymous := w.last(timeline.Tap)
	anonymous.Bearer, anonymous.Impersonation = nil, nil
	w.line.Events[len(w.line.Events)-1].Record.User = "system:anonymous"
	w.line.Events[len(w.line.Events)-1].Record.ImpersonatedUser = ""
	w.line.Sort()
	return w.line
}

// withdrawn is a session of a user whom an account may not impersonate any more.
func withdrawn(string) timeline.Timeline {
	w := newWriter("native")
	w.logIn()
	w.attempt(judge.Looks, "GET", looked, http.StatusOK)
	w.step(time.Second)
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.ImpersonationTaken})
	w.attempt(judge.Looks, "GET", looked, http.StatusForbidden)
	w.refuseLast()
	w.attempt("", "GET", forbidden, http.StatusForbidden)
	w.refuseLast()
	w.line.Sort()
	return w.line
}

func atTap(url string) func(timeline.Event) bool {
	return func(e timeline.Event) bool { return e.Witness == timeline.Tap && e.Request.URL == url }
}

// withOwnToken makes a request one with the user's own token.
func withOwnToken(e *timeline.Event) {
	e.Request.Impersonation, e.Request.Bearer = nil, &redact.Token{Hash: "own", Issuer: issuer, Username: user}
}

func constrainedFlow() flow {
	const rule = "impersonation-constrained"
	attempt := func(n int) func(timeline.Event) bool { return nth(n, is(timeline.Suite, timeline.Attempted)) }
	record := func(uri string) func(timeline.Event) bool {
		return func(e timeline.Event) bool { return e.Record != nil && e.Record.URI == uri }
	}
	status := func(status int) func(*timeline.Event) { return func(e *timeline.Event) { e.Count = status } }
	return flow{
		rules: []string{rule},
		line:  constrained,
		broken: []broken{
			{
				rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: rule, how: "when nothing was deleted", symptom: judge.NothingSeen, says: "deleted 0 times",
				change: without(attempt(1)),
			},
			{
				rule: rule, how: "when nobody looked for the object", symptom: judge.NothingSeen, says: "was seen: false",
				change: without(is(timeline.Suite, timeline.Acted)),
			},
			{
				rule: rule, how: "when looking is refused", symptom: judge.NotServed, says: "was answered 403",
				change: among(attempt(0), status(http.StatusForbidden)),
			},
			{
				rule: rule, how: "when a delete is answered as done", symptom: judge.StillServed, says: "was answered 200",
				change: among(attempt(1), status(http.StatusOK)),
			},
			{
				rule: rule, how: "when a delete breaks the dashboard", symptom: judge.RequestFailed, says: "was answered 502, and not 403",
				change: among(attempt(1), status(http.StatusBadGateway)),
			},
			{
				rule: rule, how: "when the object is gone", symptom: judge.StillServed, says: "is gone",
				change: among(is(timeline.Suite, timeline.Acted), text(timeline.ObjectGone)),
			},
			{
				rule: rule, how: "by a request that names nobody", symptom: judge.ActsAsItself, says: "for nobody",
				change: all(among(atTap(looked), func(e *timeline.Event) { e.Request.Impersonation = nil })),
			},
			{
				rule: rule, how: "by a request with the user's own token", symptom: judge.WrongCredential, says: "the user's own token own",
				change: among(atTap(looked), withOwnToken),
			},
			{
				rule: rule, how: "by another user", symptom: judge.WrongIdentity, says: `asked to impersonate "eve"`,
				change: among(atTap(looked), func(e *timeline.Event) { e.Request.Impersonation = &timeline.Impersonation{User: "eve"} }),
			},
			{
				rule: rule, how: "past the tap", symptom: judge.ActsAsItself, says: "did delete " + deleted + " itself",
				change: func(line *timeline.Timeline) {
					line.Events = append(line.Events, at(timeline.Event{Witness: timeline.Audit, Kind: timeline.Audited, Record: &timeline.Record{
						AuditID: "elsewhere", Verb: "delete", URI: deleted, User: "system:serviceaccount:headlamp:x", Code: http.StatusOK,
						Received: line.Events[len(line.Events)-1].At,
					}}, line.Events[len(line.Events)-1].At))
				},
			},
			{
				rule: rule, how: "by an account that may more", symptom: judge.Escalated, says: "without a constraint",
				change: func(line *timeline.Timeline) {
					among(record(looked), func(e *timeline.Event) {
						free := *e.Record
						free.Constraint, free.AuditID = "", "audit-free"
						line.Events = append(line.Events, at(timeline.Event{Witness: timeline.Audit, Kind: timeline.Audited, Record: &free}, e.At))
					})(line)
				},
			},
			{
				rule: rule, how: "when the audit log names no constraint", symptom: judge.NothingSeen, says: "names no constraint for " + looked,
				change: without(record(looked)),
			},
			{
				rule: rule, how: "when the API server was never asked", symptom: judge.NothingSeen, says: "to delete what it refuses to",
				change: without(record(deleted)),
			},
		},
	}
}

func takenFlow() flow {
	const rule = "taken-impersonation-refused"
	attempt := func(n int) func(timeline.Event) bool { return nth(n, is(timeline.Suite, timeline.Attempted)) }
	refused := func(e timeline.Event) bool { return e.Record != nil && e.Record.Code == http.StatusForbidden }
	return flow{
		rules: []string{rule},
		line:  withdrawn,
		broken: []broken{
			{
				rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: rule, how: "when nothing was taken", symptom: judge.NothingSeen, says: "nobody took",
				change: without(is(timeline.Suite, timeline.Acted)),
			},
			{
				rule: rule, how: "when the user was never served", symptom: judge.NothingSeen, says: "as long as the account could",
				change: among(attempt(0), func(e *timeline.Event) { e.Count = http.StatusForbidden }),
			},
			{
				rule: rule, how: "when nobody asked again", symptom: judge.NothingSeen, says: "asked for nothing",
				change: all(without(attempt(2)), without(attempt(1))),
			},
			{
				rule: rule, how: "by an answer", symptom: judge.StillServed, says: looked + " was answered 200",
				change: among(attempt(1), func(e *timeline.Event) { e.Count = http.StatusOK }),
			},
			{
				rule: rule, how: "by the account itself", symptom: judge.ActsAsItself, says: "for nobody",
				change: among(atTap(forbidden), func(e *timeline.Event) { e.Request.Impersonation = nil }),
			},
			{
				rule: rule, how: "by the user's own token", symptom: judge.WrongCredential, says: "the user's own token",
				change: all(among(atTap(forbidden), withOwnToken), among(func(e timeline.Event) bool {
					return e.Record != nil && e.Record.URI == forbidden
				}, func(e *timeline.Event) { e.Record.User = user })),
			},
			{
				rule: rule, how: "when the API server was never asked", symptom: judge.NothingSeen, says: "no impersonation that was refused",
				change: without(refused),
			},
		},
	}
}
