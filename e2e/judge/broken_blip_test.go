package judge_test

import (
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

func status(status int) func(*timeline.Event) {
	return func(e *timeline.Event) {
		if e.Record != nil {
			e.Record.Code = status
		} else {
			e.Request.Status = status
		}
	}
}

func failed(status int, reason string) func(*timeline.Event) {
	return func(e *timeline.Event) {
		e.Kind, e.Request.Status, e.Request.Error = timeline.Failed, status, reason
	}
}

// everywhere applies a change to one request, as every witness saw it.
func everywhere(change func(*timeline.Event)) func(*timeline.Timeline) {
	return all(among(poll(timeline.Page), change), among(poll(timeline.Front), change), among(poll(timeline.Tap), change),
		among(nth(6, func(e timeline.Event) bool { return e.Record != nil && e.Record.URI == "/healthz" }), change))
}

func noRequests(witness timeline.Witness) func(*timeline.Timeline) {
	return without(func(e timeline.Event) bool {
		return e.Witness == witness && e.Request != nil && strings.Contains(e.Request.URL, "/clusters/")
	})
}

func unauthorized(by timeline.Witness) broken {
	return broken{
		rule: "no-blip", how: "by a 401 at the " + string(by), symptom: judge.Unauthorized, says: string(by) + ": GET ",
		change: among(poll(by), status(http.StatusUnauthorized)),
	}
}

// multiplexed is a refused handshake of the WebSocket for all watches.
func multiplexed(witness timeline.Witness, kind timeline.Kind, address string) func(*timeline.Timeline) {
	return during(timeline.Event{Witness: witness, Kind: kind, Request: &timeline.Request{
		Method: "GET", URL: address, Status: http.StatusUnauthorized, WebSocket: true,
	}})
}

func brokenBlips() []broken {
	return []broken{
		neverLoggedIn("no-blip"),
		unauthorized(timeline.Page),
		unauthorized(timeline.Front),
		{
			rule: "no-blip", how: "by a 401 that every witness saw", symptom: judge.Unauthorized, says: "tap: GET /healthz was answered 401",
			change: everywhere(status(http.StatusUnauthorized)),
		},
		{
			rule: "no-blip", how: "by a WebSocket's handshake answered 401", symptom: judge.Unauthorized, says: "page: GET /clusters/main/api/v1/namespaces was answered 401",
			change: among(nth(1, is(timeline.Page, timeline.WebSocketOpened)), status(http.StatusUnauthorized)),
		},
		{
			rule: "no-blip", how: "by the multiplexer's handshake answered 401", symptom: judge.Unauthorized, says: "page: GET /wsMultiplexer was answered 401",
			change: multiplexed(timeline.Page, timeline.WebSocketOpened, "wss://localhost:9443/wsMultiplexer"),
		},
		{
			rule: "no-blip", how: "by the multiplexer's handshake answered 401, at the front", symptom: judge.Unauthorized, says: "front: GET /wsMultiplexer",
			change: multiplexed(timeline.Front, timeline.Responded, "/wsMultiplexer?x=1"),
		},
		{
			rule: "no-blip", how: "by a 401 of which the page did not tell when it began", symptom: judge.Unauthorized, says: "page: ",
			change: all(among(poll(timeline.Page), status(http.StatusUnauthorized)),
				among(poll(timeline.Page), func(e *timeline.Event) { e.Request.Began = time.Time{} })),
		},
		{
			rule: "no-blip", how: "by a 500", symptom: judge.ServerError, says: "front: GET /clusters/main/healthz was answered 500",
			change: all(among(poll(timeline.Page), status(http.StatusInternalServerError)), among(poll(timeline.Front), status(http.StatusInternalServerError))),
		},
		{
			rule: "no-blip", how: "by a replica that is down", symptom: judge.ServerError, says: "was answered 502: connection refused",
			change: among(poll(timeline.Front), failed(http.StatusBadGateway, "connection refused")),
		},
		{
			rule: "no-blip", how: "by a failed request", symptom: judge.RequestFailed, says: "page: GET /clusters/main/healthz failed: net::ERR_EMPTY_RESPONSE",
			change: among(poll(timeline.Page), failed(0, "net::ERR_EMPTY_RESPONSE")),
		},
		{
			rule: "no-blip", how: "by an answer without a status", symptom: judge.RequestFailed, says: "ended without a status",
			change: among(poll(timeline.Page), status(0)),
		},
		{
			rule: "no-blip", how: "by a 403 where the user has the right", symptom: judge.Forbidden, says: "tap: GET /api/v1/secrets was answered 403, although the user has the right",
			change: among(is(timeline.Suite, timeline.RightsChecked), text("allowed")),
		},
		{
			rule: "no-blip", how: "by a 403 of the dashboard's own", symptom: judge.Forbidden, says: "front: GET /clusters/main/healthz was answered 403, which the API server never answered",
			change: all(among(poll(timeline.Page), status(http.StatusForbidden)), among(poll(timeline.Front), status(http.StatusForbidden))),
		},
		{
			rule: "no-blip", how: "by a 403 for want of a credential", symptom: judge.Forbidden, says: "page: GET /clusters/main/healthz was answered 403",
			change: all(everywhere(status(http.StatusForbidden)),
				among(poll(timeline.Tap), func(e *timeline.Event) { e.Request.Bearer = nil }),
				among(nth(0, func(e timeline.Event) bool {
					return e.Record != nil && e.Record.URI == "/healthz" && e.Record.Code == http.StatusForbidden
				}),
					func(e *timeline.Event) { e.Record.User = "system:anonymous" })),
			also: []string{"own-token-throughout"},
		},
		{
			rule: "no-blip", how: "when the page sent nothing", symptom: judge.NothingSeen, says: "the page saw no request",
			change: noRequests(timeline.Page),
		},
		{
			rule: "no-blip", how: "when the front saw nothing", symptom: judge.NothingSeen, says: "the front saw no request",
			change: noRequests(timeline.Front), also: []string{"never-sent-back"},
		},
		{
			rule: "no-blip", how: "when the tap saw nothing", symptom: judge.NothingSeen, says: "the tap saw no request",
			// The denied request's 403 would be nobody's without the tap's.
			change: all(without(func(e timeline.Event) bool { return e.Witness == timeline.Tap }),
				without(func(e timeline.Event) bool { return e.Request != nil && strings.HasSuffix(e.Request.URL, "/secrets") })),
			also: []string{"own-token-throughout", "witnesses-agree", "served-around-expiry"},
		},
	}
}
