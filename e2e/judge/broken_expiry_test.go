package judge_test

import (
	"net/http"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// expiry returns the n-th crossing, counted from 1.
func expiry(line *timeline.Timeline, n int) timeline.Event {
	return line.Of(timeline.Suite, timeline.ExpiryCrossed)[n-1]
}

func crossing(n int) func(timeline.Event) bool {
	return func(e timeline.Event) bool { return e.Kind == timeline.ExpiryCrossed && e.Count == n }
}

// unserved gives every request of the users on one side of an expiry a status
// that is no blip and no success.
func unserved(n int, onThisSide func(e timeline.Event, token redact.Token) bool) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		token := *expiry(line, n).Token
		among(func(e timeline.Event) bool {
			return (e.Request != nil || e.Record != nil) && e.Kind != timeline.RightsChecked && onThisSide(e, token)
		}, func(e *timeline.Event) {
			switch {
			case e.Record != nil && e.Record.Code < http.StatusBadRequest:
				e.Record.Code = http.StatusBadRequest
			case e.Request != nil && e.Request.Status < http.StatusBadRequest:
				e.Request.Status = http.StatusBadRequest
			}
		})(line)
	}
}

func sent(e timeline.Event) (at int64) {
	if e.Record != nil {
		return e.Record.Received.UnixNano()
	}
	return e.Request.Began.UnixNano()
}

func beforeExpiry(e timeline.Event, token redact.Token) bool {
	return sent(e) <= token.ExpiresAt.UnixNano()
}

func afterExpiry(e timeline.Event, token redact.Token) bool {
	return sent(e) > token.ExpiresAt.UnixNano()
}

// unknownInAudit has the audit log name somebody else for every request on one
// side of an expiry.
func unknownInAudit(n int, onThisSide func(e timeline.Event, token redact.Token) bool) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		token := *expiry(line, n).Token
		among(func(e timeline.Event) bool { return e.Record != nil && onThisSide(e, token) },
			func(e *timeline.Event) { e.Record.User = "somebody" })(line)
	}
}

func brokenExpiries() []broken {
	return []broken{
		{
			rule: "expiries-crossed", how: "without a hold", symptom: judge.ExpiryNotCrossed, says: "0 of 3",
			change: neverHeld, also: otherThan("expiries-crossed", heldRules),
		},
		{
			rule: "expiries-crossed", how: "when the hold ended early", symptom: judge.ExpiryNotCrossed, says: "2 of 3 expiries: no 3rd token",
			change: all(without(crossing(3)), among(is(timeline.Suite, timeline.HoldEnded), text("no 3rd token"))),
			also:   []string{"served-around-expiry", "own-token-throughout"},
		},
		{
			rule: "expiries-crossed", how: "when one token counts twice", symptom: judge.ExpiryNotCrossed, says: "2 of 3",
			change: func(line *timeline.Timeline) {
				first := expiry(line, 1).Token
				among(crossing(2), func(e *timeline.Event) { e.Token = first })(line)
			},
			also: []string{"served-around-expiry"},
		},
		{
			rule: "expiries-crossed", how: "when the expiry lay ahead", symptom: judge.ExpiryNotCrossed, says: "2 of 3",
			change: func(line *timeline.Timeline) {
				token := *expiry(line, 3).Token
				token.ExpiresAt = expiry(line, 3).At
				among(crossing(3), func(e *timeline.Event) { e.Token = &token })(line)
			},
			also: []string{"served-around-expiry"},
		},

		{
			rule: "served-around-expiry", how: "when an expiry was not crossed", symptom: judge.ExpiryNotCrossed, says: "2 of 3",
			change: without(crossing(3)), also: []string{"expiries-crossed"},
		},
		{
			rule: "served-around-expiry", how: "when nothing succeeded before", symptom: judge.NotServed, says: "the tap saw no request of the user succeed before expiry 1",
			change: unserved(1, beforeExpiry),
		},
		{
			rule: "served-around-expiry", how: "when nothing succeeded after", symptom: judge.NotServed, says: "the tap saw no request of the user succeed after expiry 3",
			change: unserved(3, afterExpiry),
		},
		{
			rule: "served-around-expiry", how: "when the audit log knows nothing of before", symptom: judge.NotServed, says: "the audit log saw no request of the user succeed before expiry 1",
			change: unknownInAudit(1, beforeExpiry), also: []string{"witnesses-agree"},
		},
		{
			rule: "served-around-expiry", how: "when the audit log knows nothing of after", symptom: judge.NotServed, says: "the audit log saw no request of the user succeed after expiry 3",
			change: unknownInAudit(3, afterExpiry), also: []string{"witnesses-agree"},
		},
		{
			rule: "served-around-expiry", how: "when the expired token alone was accepted after", symptom: judge.NotServed, says: "the tap saw no request of the user succeed after expiry 3",
			change: func(line *timeline.Timeline) {
				expired := expiry(line, 3).Token
				among(func(e timeline.Event) bool { return e.Witness == timeline.Tap && afterExpiry(e, *expired) },
					func(e *timeline.Event) { e.Request.Bearer = expired })(line)
			},
			also: []string{"own-token-throughout"},
		},

		{
			rule: "refreshed", how: "without refreshes", symptom: judge.NotRefreshed, says: "stored 0 refreshes, at least 3 were due",
			change: without(is(timeline.Keycloak, timeline.Refresh)),
		},
		{
			rule: "refreshed", how: "by those of another client", symptom: judge.NotRefreshed, says: "stored 0",
			change: among(is(timeline.Keycloak, timeline.Refresh), func(e *timeline.Event) { e.Identity.Client = "stand-probe" }),
		},
		{
			rule: "refreshed", how: "by a refused one", symptom: judge.RefreshRefused, says: "some_error: some reason",
			change: during(storedByKeycloak(timeline.RefreshError, "headlamp")),
		},
		{
			rule: "refreshed", how: "by one refused before its client was known", symptom: judge.RefreshRefused, says: "some_error",
			change: during(storedByKeycloak(timeline.RefreshError, "")),
		},
	}
}
