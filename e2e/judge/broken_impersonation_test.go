package judge_test

import (
	"net/http"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// asking alters what one request at the tap asks for.
func asking(alter func(*timeline.Request)) func(*timeline.Timeline) {
	return among(poll(timeline.Tap), func(e *timeline.Event) { alter(e.Request) })
}

// unseenKind makes the requests of one kind requests of none.
func unseenKind(name string, fits func(timeline.Request) bool) broken {
	return broken{
		rule: "impersonated-throughout", how: "when the tap saw no " + name, mode: "native", symptom: judge.NothingSeen, says: "the tap saw no " + name,
		change: among(func(e timeline.Event) bool { return e.Witness == timeline.Tap && fits(*e.Request) }, func(e *timeline.Event) {
			e.Request.Method, e.Request.WebSocket, e.Request.URL = http.MethodOptions, false, strings.TrimSuffix(e.Request.URL, "?watch=1")
		}),
	}
}

func brokenImpersonations() []broken {
	loggedOut := neverLoggedIn("impersonated-throughout")
	loggedOut.mode = "native"
	loggedOut.also = otherThan("own-token-throughout", loggedInRules)
	cases := []broken{
		{
			how: "without a credential", symptom: judge.WrongCredential, says: "GET /healthz went out without a credential",
			change: asking(func(r *timeline.Request) { r.Bearer = nil }),
		},
		{
			how: "by the user's own token", symptom: judge.WrongCredential, says: "GET /healthz carried the user's own token token-1",
			change: asking(func(r *timeline.Request) {
				r.Bearer = &redact.Token{Hash: "token-1", Issuer: issuer, ExpiresAt: noon.AddDate(1, 0, 0)}
			}),
		},
		{
			how: "by the user's own token beside the credential", symptom: judge.WrongCredential, says: "own token token-1 beside the credential",
			change: asking(func(r *timeline.Request) {
				r.Beside = []redact.Token{{Hash: "stranger", Issuer: "https://elsewhere"}, {Hash: "token-1", Issuer: issuer}}
			}),
		},
		{
			how: "by a request for nobody", symptom: judge.NotImpersonated, says: "GET /healthz asked to impersonate nobody",
			change: asking(func(r *timeline.Request) { r.Impersonation = nil }),
		},
		{
			how: "by groups for nobody", symptom: judge.NotImpersonated, says: "nobody",
			change: asking(func(r *timeline.Request) { r.Impersonation = &timeline.Impersonation{Groups: []string{"developers"}} }),
		},
		{
			how: "by another user", symptom: judge.WrongIdentity, says: `asked to impersonate "boss", not one of dev`,
			change: all(asking(func(r *timeline.Request) { r.Impersonation = &timeline.Impersonation{User: "boss"} }),
				record(func(r *timeline.Record) { r.ImpersonatedUser = "boss" })),
		},
		{
			how: "by a missing group", symptom: judge.WrongIdentity, says: `asked to impersonate dev: the group "testers" is missing`,
			change: asking(func(r *timeline.Request) {
				r.Impersonation = &timeline.Impersonation{User: user, Groups: []string{"developers"}}
			}),
		},
		{
			how: "by a group too much", symptom: judge.WrongIdentity, says: `the group "system:masters" is too much`,
			change: asking(func(r *timeline.Request) {
				r.Impersonation = &timeline.Impersonation{User: user, Groups: []string{"developers", "testers", "system:masters"}}
			}),
		},
		{
			how: "by a refusal", symptom: judge.WrongIdentity, says: "refused to let system:serviceaccount:x:impersonator impersonate",
			change: all(among(poll(timeline.Tap), status(http.StatusForbidden)), record(func(r *timeline.Record) {
				r.Code, r.ImpersonatedUser, r.ImpersonatedGroups = http.StatusForbidden, "", nil
			})),
		},
		{
			how: "when the API server did not", symptom: judge.WrongIdentity, says: "system:serviceaccount:x:impersonator impersonated nobody",
			change: record(func(r *timeline.Record) { r.ImpersonatedUser, r.ImpersonatedGroups = "", nil }), also: []string{"witnesses-agree"},
		},
		{
			how: "when the API server took another user", symptom: judge.WrongIdentity, says: `that "boss" was impersonated`,
			change: record(func(r *timeline.Record) { r.ImpersonatedUser = "boss" }), also: []string{"witnesses-agree"},
		},
		{
			how: "when the API server took other groups", symptom: judge.WrongIdentity, says: `get /healthz: the group "testers" is missing`,
			change: record(func(r *timeline.Record) { r.ImpersonatedGroups = []string{"developers", "system:authenticated"} }),
			also:   []string{"known-to-cluster"},
		},
	}
	for i := range cases {
		cases[i].rule, cases[i].mode = "impersonated-throughout", "native"
	}
	watches := func(r timeline.Request) bool { return r.WebSocket }
	return append(cases, loggedOut,
		unseenKind("read", func(r timeline.Request) bool { return r.Method == http.MethodGet && !watches(r) }),
		unseenKind("write", func(r timeline.Request) bool { return r.Method == http.MethodPost }),
		unseenKind("delete", func(r timeline.Request) bool { return r.Method == http.MethodDelete }),
		unseenKind("watch", watches),
	)
}
