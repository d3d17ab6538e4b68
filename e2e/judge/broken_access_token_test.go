package judge_test

import (
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func brokenAccessTokens() []broken {
	const rule = "access-token-throughout"
	return []broken{
		withoutLogin(rule),
		{
			rule: rule, how: "by an ID token", symptom: judge.WrongCredential, says: `GET /healthz carried token token-2 of the type "ID"`,
			change: among(poll(timeline.Tap), func(e *timeline.Event) {
				token := *e.Request.Bearer
				token.Type = "ID"
				e.Request.Bearer = &token
			}),
		},
		{
			rule: rule, how: "by tokens that do not say what they are", symptom: judge.WrongCredential, says: `of the type ""`,
			change: among(is(timeline.Tap, timeline.Responded, timeline.Ended), func(e *timeline.Event) {
				if e.Request.Bearer == nil {
					return
				}
				token := *e.Request.Bearer
				token.Type = ""
				e.Request.Bearer = &token
			}),
		},
		{
			rule: rule, how: "when the tap saw no token", symptom: judge.NothingSeen, says: "no token of the user",
			change: among(is(timeline.Tap, timeline.Responded, timeline.Ended), func(e *timeline.Event) { e.Request.Bearer = nil }),
			also:   []string{"usable-after-restart", "watch-reopened"},
		},
	}
}
