package judge_test

import (
	"net/http"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	otherRealm  = "other"
	otherIssuer = "https://127.0.0.1:8443/realms/other"
	otherUser   = "dev-of-second"
)

// clustersFlow is a healthy hold of sessions at two clusters.
func clustersFlow() flow {
	const rule = "each-cluster-held"
	ofSecond := func(e timeline.Event) bool { return e.Identity != nil && e.Identity.Realm == otherRealm }
	return flow{rules: []string{rule}, line: atTwoClusters, broken: []broken{
		{
			rule: rule, how: "with one cluster", symptom: judge.NothingSeen, says: "has one cluster",
			change: func(line *timeline.Timeline) { line.Header.Others = nil },
		},
		{
			rule: rule, how: "when the second is not refreshed", symptom: judge.NotRefreshed, says: "cluster second: Keycloak stored 0 refreshes",
			change: without(func(e timeline.Event) bool { return ofSecond(e) && e.Kind == timeline.Refresh }),
		},
		{
			rule: rule, how: "when the first is refused a refresh", symptom: judge.RefreshRefused, says: "cluster main: Keycloak refused",
			change: during(storedByKeycloak(timeline.RefreshError, "headlamp")),
		},
		{
			rule: rule, how: "when the second's tokens never expire", symptom: judge.ExpiryNotCrossed, says: "cluster second: the hold went past 0 of 3 expiries",
			change: without(func(e timeline.Event) bool {
				return e.Kind == timeline.ExpiryCrossed && e.Token.Issuer == otherIssuer
			}),
		},
		{
			rule: rule, how: "when the second is refused", symptom: judge.Unauthorized, says: "cluster second: front: GET /clusters/second/healthz was answered 401",
			change: during(responded(timeline.Front, "/clusters/second/healthz", http.StatusUnauthorized)),
		},
		{
			rule: rule, how: "when nobody asks for the second", symptom: judge.NothingSeen, says: "cluster second: the front saw no request",
			change: without(func(e timeline.Event) bool {
				return e.Witness == timeline.Front && strings.Contains(e.Request.URL, "/clusters/second/")
			}),
		},
	}}
}

// atTwoClusters is a healthy hold whose every request, refresh and expiry happens at
// a second cluster too.
func atTwoClusters(mode string) timeline.Timeline {
	line := asserted(healthy(mode))
	line.Header.Others = []timeline.Cluster{{
		Name: "second", Realm: otherRealm, Issuer: otherIssuer,
		Users: []timeline.User{{Name: otherUser, ID: "id-of-" + otherUser, Groups: []string{"developers", "testers"}}},
	}}
	for _, event := range line.Events {
		if other, has := atSecond(event); has {
			line.Events = append(line.Events, other)
		}
	}
	line.Sort()
	return line
}

// atSecond is an event of the second cluster like one of the first. It has none of
// the suite's own, but for the expiries.
func atSecond(event timeline.Event) (timeline.Event, bool) {
	switch {
	case event.Identity != nil:
		identity := *event.Identity
		identity.Realm, identity.User = otherRealm, "id-of-"+otherUser
		event.Identity = &identity
	case event.Kind == timeline.ExpiryCrossed:
		event.Token = ofOther(event.Token)
	case event.Record != nil:
		record := *event.Record
		record.AuditID += "-second"
		record.User = strings.Replace(record.User, user, otherUser, 1)
		event.Record = &record
	case event.Request != nil && event.Witness != timeline.Suite:
		request := *event.Request
		request.URL = strings.Replace(request.URL, "/clusters/main/", "/clusters/second/", 1)
		if request.AuditID != "" {
			request.AuditID += "-second"
		}
		request.Bearer, request.CookieToken = ofOther(request.Bearer), ofOther(request.CookieToken)
		event.Request = &request
	default:
		return timeline.Event{}, false
	}
	return event, true
}

func ofOther(token *redact.Token) *redact.Token {
	if token == nil || token.Issuer != issuer {
		return token
	}
	other := *token
	other.Hash += "-second"
	other.Issuer, other.Username, other.Subject = otherIssuer, otherUser, "id-of-"+otherUser
	return &other
}
