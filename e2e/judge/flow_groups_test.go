package judge_test

import (
	"net/http"
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// regrouped is a session whose user is taken out of a group, and loses what it
// allows with the next refresh.
func regrouped(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.token.Groups = []string{"developers", "testers"}
	try := func(status int) {
		w.step(time.Second)
		w.request("GET", forbidden, status)
		w.suite(timeline.Event{Kind: timeline.Attempted, Text: forbidden, Count: status})
	}
	try(http.StatusOK)
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.GroupTaken, Identified: &timeline.Identified{User: user, Groups: []string{"developers"}}})
	w.step(5 * time.Second)
	w.request("GET", "/healthz", http.StatusOK)
	w.step(5 * time.Second)
	w.keycloak(timeline.Refresh, "REFRESH_TOKEN", "headlamp")
	old := w.token
	w.newToken()
	w.token.Groups = []string{"developers"}
	renewed := w.token
	// The request that renewed the session goes with the old token.
	w.token = old
	w.request("GET", "/healthz", http.StatusOK)
	w.token = renewed
	begin := len(w.line.Events)
	w.step(time.Second)
	w.request("GET", "/healthz", http.StatusOK)
	w.step(6 * time.Second)
	w.request("GET", "/healthz", http.StatusOK)
	try(http.StatusForbidden)
	for i := range w.line.Events[begin:] {
		e := &w.line.Events[begin+i]
		if e.Request != nil && e.Request.Impersonation != nil {
			asked := *e.Request.Impersonation
			asked.Groups = []string{"developers"}
			e.Request.Impersonation = &asked
		}
		if e.Record != nil {
			e.Record.Groups = slices.DeleteFunc(slices.Clone(e.Record.Groups), func(group string) bool { return group == "testers" })
			e.Record.ImpersonatedGroups = slices.DeleteFunc(slices.Clone(e.Record.ImpersonatedGroups), func(group string) bool { return group == "testers" })
		}
	}
	w.line.Sort()
	return w.line
}

func groupsFlow() flow {
	const rule = "groups-follow-refresh"
	lastForbidden := func(witness timeline.Witness) func(timeline.Event) bool {
		return func(e timeline.Event) bool {
			return e.Witness == witness && ((e.Request != nil && e.Request.URL == forbidden && e.Request.Status == http.StatusForbidden) ||
				(e.Record != nil && e.Record.URI == forbidden && e.Record.Code == http.StatusForbidden))
		}
	}
	old := func(e *timeline.Event) {
		token := *e.Request.Bearer
		token.Groups = []string{"developers", "testers"}
		e.Request.Bearer = &token
	}
	return flow{
		rules: []string{rule},
		line:  regrouped,
		broken: []broken{
			{
				rule: rule, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded",
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: rule, how: "when no group was taken", symptom: judge.NothingSeen, says: "out of a group",
				change: without(is(timeline.Suite, timeline.Acted)),
			},
			{
				rule: rule, how: "when the user could never do it", symptom: judge.NothingSeen, says: "as long as it did",
				change: among(nth(0, is(timeline.Suite, timeline.Attempted)), func(e *timeline.Event) { e.Count = http.StatusForbidden }),
			},
			{
				rule: rule, how: "when Keycloak stored no refresh", symptom: judge.NotRefreshed, says: "stored 0 refreshes",
				change: without(is(timeline.Keycloak, timeline.Refresh)),
			},
			{
				rule: rule, how: "when no new token was used", symptom: judge.NotRefreshed, says: "no token of after it was used",
				change: among(func(e timeline.Event) bool { return e.Request != nil && e.Request.Bearer != nil }, func(e *timeline.Event) {
					e.Request.Bearer = &redact.Token{Hash: "token-1", Issuer: issuer, Username: user, IssuedAt: noon, ExpiresAt: noon.Add(lifetime)}
				}),
			},
			{
				rule: rule, how: "by the former groups in a token", symptom: judge.WrongIdentity, says: `"testers" is too much`,
				change: among(lastForbidden(timeline.Tap), old),
			},
			{
				rule: rule, how: "by the former groups in headers", mode: "native", symptom: judge.WrongIdentity, says: `"testers" is too much`,
				change: among(lastForbidden(timeline.Tap), func(e *timeline.Event) {
					e.Request.Impersonation = &timeline.Impersonation{User: user, Groups: []string{"developers", "testers"}}
				}),
			},
			{
				rule: rule, how: "by a group too few", mode: "native", symptom: judge.WrongIdentity, says: `"developers" is missing`,
				change: among(lastForbidden(timeline.Tap), func(e *timeline.Event) { e.Request.Impersonation = &timeline.Impersonation{User: user} }),
			},
			{
				rule: rule, how: "by the former groups in the audit log", symptom: judge.WrongIdentity, says: "the audit log says",
				change: among(lastForbidden(timeline.Audit), func(e *timeline.Event) { e.Record.Groups = append(e.Record.Groups, "testers") }),
			},
			{
				rule: rule, how: "when nothing was asked afterwards", symptom: judge.NothingSeen, says: "no request of the user after",
				change: func(line *timeline.Timeline) {
					from, _ := judge.GroupsFollowFrom(*line)
					without(func(e timeline.Event) bool {
						return (e.Witness == timeline.Audit) && e.Record.Received.After(from)
					})(line)
				},
			},
			{
				rule: rule, how: "when nobody tried again", symptom: judge.NothingSeen, says: "nobody tried",
				change: without(nth(1, is(timeline.Suite, timeline.Attempted))),
			},
			{
				rule: rule, how: "by an answer", symptom: judge.LingeringAccess, says: "was answered 200",
				change: among(nth(1, is(timeline.Suite, timeline.Attempted)), func(e *timeline.Event) { e.Count = http.StatusOK }),
			},
		},
	}
}
