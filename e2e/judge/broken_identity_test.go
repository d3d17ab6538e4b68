package judge_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func identified(user string, groups ...string) func(*timeline.Timeline) {
	return among(is(timeline.Suite, timeline.WhoAmI), func(e *timeline.Event) {
		e.Identified = &timeline.Identified{User: user, Groups: groups}
	})
}

// bearer alters the token of one request at the tap.
func bearer(alter func(*redact.Token)) func(*timeline.Timeline) {
	return among(poll(timeline.Tap), func(e *timeline.Event) {
		token := *e.Request.Bearer
		alter(&token)
		e.Request.Bearer = &token
	})
}

// record alters the audit log's record of that request.
func record(alter func(*timeline.Record)) func(*timeline.Timeline) {
	return among(nth(6, func(e timeline.Event) bool { return e.Record != nil && e.Record.URI == "/healthz" }),
		func(e *timeline.Event) { alter(e.Record) })
}

func brokenIdentities() []broken {
	return []broken{
		{
			rule: "known-to-cluster", how: "when nobody asked", symptom: judge.NothingSeen, says: "never asked",
			change: without(is(timeline.Suite, timeline.WhoAmI)),
		},
		{
			rule: "known-to-cluster", how: "by another name", symptom: judge.WrongIdentity, says: `knows the user as "boss", not as one of dev`,
			change: identified("boss", "developers", "testers", "system:authenticated"),
		},
		{
			rule: "known-to-cluster", how: "by a missing group", symptom: judge.WrongIdentity, says: `answers for dev: the group "testers" is missing`,
			change: identified(user, "developers", "system:authenticated"),
		},
		{
			rule: "known-to-cluster", how: "by a group too much", symptom: judge.WrongIdentity, says: `the group "system:masters" is too much`,
			change: identified(user, "developers", "testers", "system:masters", "system:authenticated"),
		},
		{
			rule: "known-to-cluster", how: "by a second answer", symptom: judge.WrongIdentity, says: `"boss"`,
			change: during(timeline.Event{Witness: timeline.Suite, Kind: timeline.WhoAmI, Identified: &timeline.Identified{User: "boss"}}),
		},
		{
			rule: "known-to-cluster", how: "by the groups in the audit log", symptom: judge.WrongIdentity, says: `the audit log says of get /healthz: the group "testers" is missing`,
			change: record(func(r *timeline.Record) { r.Groups = []string{"developers", "system:authenticated"} }),
		},
		{
			rule: "known-to-cluster", how: "when the audit log has nothing", symptom: judge.NothingSeen, says: "the audit log has no request",
			change: without(is(timeline.Audit, timeline.Audited)), also: []string{"served-around-expiry", "witnesses-agree"},
		},

		neverLoggedIn("own-token-throughout"),
		{
			rule: "own-token-throughout", how: "by a request without a token", symptom: judge.WrongCredential, says: "GET /healthz carried no token",
			change: all(among(poll(timeline.Tap), func(e *timeline.Event) { e.Request.Bearer = nil }),
				record(func(r *timeline.Record) { r.User = "system:anonymous" })),
		},
		{
			rule: "own-token-throughout", how: "by the dashboard's own token", symptom: judge.WrongCredential, says: "another issuer (kubernetes, account)",
			change: bearer(func(t *redact.Token) { *t = redact.Token{Issuer: "kubernetes", Subject: "account"} }),
		},
		{
			rule: "own-token-throughout", how: "by another user's token", symptom: judge.WrongIdentity, says: `carried a token of "boss"`,
			change: all(bearer(func(t *redact.Token) { t.Username = "boss" }), record(func(r *timeline.Record) { r.User = "boss" })),
		},
		{
			rule: "own-token-throughout", how: "by nobody's token", symptom: judge.WrongIdentity, says: `carried a token of ""`,
			change: bearer(func(t *redact.Token) { t.Username = "" }),
		},
		{
			rule: "own-token-throughout", how: "by an expired token", symptom: judge.ExpiredToken, says: "expired for 1.1 s",
			change: among(poll(timeline.Tap), func(e *timeline.Event) {
				token := *e.Request.Bearer
				token.ExpiresAt = e.Request.Began.Add(-1100 * time.Millisecond)
				e.Request.Bearer = &token
			}),
		},
		{
			rule: "own-token-throughout", how: "by a token that expired on its way, and was refused", symptom: judge.ExpiredToken, says: "expired for 0.9 s",
			change: among(poll(timeline.Tap), func(e *timeline.Event) {
				expiredFor(900 * time.Millisecond)(e)
				e.Request.Status = http.StatusUnauthorized
			}),
			also: []string{"no-blip", "witnesses-agree"},
		},
		{
			rule: "own-token-throughout", how: "by an expired token, when the tap did not note the beginning", symptom: judge.ExpiredToken, says: "expired for",
			change: all(bearer(func(t *redact.Token) { t.ExpiresAt = noon }),
				among(poll(timeline.Tap), func(e *timeline.Event) { e.Request.Began = time.Time{} })),
		},
		{
			rule: "own-token-throughout", how: "by impersonation", symptom: judge.WrongCredential, says: `asked to impersonate "dev"`,
			change: among(poll(timeline.Tap), func(e *timeline.Event) { e.Request.Impersonation = &timeline.Impersonation{User: user} }),
		},
		{
			rule: "own-token-throughout", how: "when the tap saw nothing after the login", symptom: judge.NothingSeen, says: "the tap saw no request after the login",
			change: without(func(e timeline.Event) bool { return e.Witness == timeline.Tap && e.Request.Bearer != nil }),
			also:   []string{"no-blip", "served-around-expiry", "witnesses-agree"},
		},
		{
			rule: "own-token-throughout", how: "when the hold ended early", symptom: judge.ExpiryNotCrossed, says: "ended early: no 4th token",
			change: among(is(timeline.Suite, timeline.HoldEnded), text("no 4th token")),
		},
		{
			rule: "own-token-throughout", how: "when nothing was sent after the last expiry", symptom: judge.NothingSeen, says: "no request after expiry 3",
			change: func(line *timeline.Timeline) {
				token := *expiry(line, 3).Token
				without(func(e timeline.Event) bool {
					return (e.Request != nil || e.Record != nil) && e.Witness != timeline.Suite && afterExpiry(e, token)
				})(line)
			},
			also: []string{"served-around-expiry"},
		},
	}
}

func brokenWitnesses() []broken {
	return []broken{
		{
			rule: "witnesses-agree", how: "by a request that the audit log never saw", symptom: judge.WitnessesDiffer, says: "the tap passed GET /healthz on, which the audit log never saw",
			change: without(nth(6, func(e timeline.Event) bool { return e.Record != nil && e.Record.URI == "/healthz" })),
		},
		{
			rule: "witnesses-agree", how: "by a request past the tap", symptom: judge.WitnessesDiffer, says: "the audit log has list /api/v1/pods of dev, which never went through the tap",
			change: during(timeline.Event{Witness: timeline.Audit, Kind: timeline.Audited, Record: &timeline.Record{
				AuditID: "stray", Verb: "list", URI: "/api/v1/pods", User: user, Groups: []string{"developers", "testers", "system:authenticated"}, Code: 200,
			}}),
		},
		{
			rule: "witnesses-agree", how: "by the status", symptom: judge.WitnessesDiffer, says: "was answered 200 at the tap, 403 in the audit log",
			change: record(func(r *timeline.Record) { r.Code = http.StatusForbidden }),
		},
		{
			rule: "witnesses-agree", how: "by the user", symptom: judge.WitnessesDiffer, says: "GET /healthz went out as dev, and the audit log says boss",
			change: record(func(r *timeline.Record) { r.User = "boss" }),
		},
		{
			rule: "witnesses-agree", how: "by a user for a request without a credential", symptom: judge.WitnessesDiffer, says: "went out as system:anonymous, and the audit log says dev",
			change: among(poll(timeline.Tap), func(e *timeline.Event) { e.Request.Bearer = nil }), also: []string{"own-token-throughout"},
		},
		{
			rule: "witnesses-agree", how: "by a request without an Audit-ID", symptom: judge.WitnessesDiffer, says: "without an Audit-ID",
			change: all(among(poll(timeline.Tap), func(e *timeline.Event) { e.Request.AuditID = "" }),
				record(func(r *timeline.Record) { r.User, r.Groups = "somebody", nil })),
		},
		{
			rule: "witnesses-agree", how: "when nothing was answered", symptom: judge.NothingSeen, says: "no request was answered at the tap",
			change: all(without(is(timeline.Audit, timeline.Audited)),
				// The denied request's 403 would be nobody's without the tap's.
				without(func(e timeline.Event) bool { return e.Request != nil && strings.HasSuffix(e.Request.URL, "/secrets") }),
				among(is(timeline.Tap, timeline.Responded), failed(0, "canceled by the client"))),
			also: []string{"known-to-cluster", "served-around-expiry"},
		},
	}
}
