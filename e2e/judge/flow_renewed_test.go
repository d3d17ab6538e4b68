package judge_test

import (
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

var renewalRules = []string{"keys-rotated", "shared-refresh", "former-cookie-harmless", "outlived-sso-session"}

// atOnce is how many requests meet each refresh.
const atOnce = 4

// renewed is the timeline of a hold whose session is renewed in spite of much:
// Keycloak rotates its keys and its single sign-on session is ended, and each
// refresh is met by many requests at once, and by one more with the former cookie.
func renewed(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.renews = true
	w.logIn()
	w.use()
	w.hold()
	w.line.Sort()
	return w.line
}

func (w *writer) rotateKeysAndEndSSO() {
	w.step(time.Second)
	w.did(timeline.KeysRotated)
	w.did(timeline.SSOSessionEnded)
	w.key = "key-2"
}

func (w *writer) did(action string) {
	w.suite(timeline.Event{Kind: timeline.Acted, Text: action})
}

// askAtOnce is what meets a refresh, which was an offline one.
func (w *writer) askAtOnce(former *redact.Token) {
	w.line.Events[len(w.line.Events)-1].Identity.Details = map[string]string{"refresh_token_type": "Offline"}
	w.suite(timeline.Event{Kind: timeline.Acted, Text: timeline.AskedAtOnce, Count: atOnce})
	for range atOnce {
		w.withCookie(former, "/api/v1/namespaces")
	}
	w.step(2 * time.Second)
	w.withCookie(former, "/api/v1/pods")
}

// withCookie is a request with another cookie than the session's, whose answer
// sets the session's.
func (w *writer) withCookie(cookie *redact.Token, path string) {
	w.request("GET", path, http.StatusOK)
	last := w.last(timeline.Front)
	last.CookieToken, last.SetCookies = cookie, w.cookies()
}

// askedAtOnce fits the first requests that met a refresh at once, at the front.
func askedAtOnce(e timeline.Event) bool {
	return e.Witness == timeline.Front && e.Request != nil && e.Request.URL == "/clusters/main/api/v1/namespaces" &&
		e.Request.CookieToken != nil && e.Request.CookieToken.Hash == "token-1" && len(e.Request.SetCookies) > 0
}

// withFormerCookie fits the requests that came with the cookie of before a
// refresh.
func withFormerCookie(e timeline.Event) bool {
	return e.Witness == timeline.Front && e.Request != nil && e.Request.URL == "/clusters/main/api/v1/pods"
}

func taken(name string) func(*timeline.Event) {
	return func(e *timeline.Event) {
		e.Request.SetCookies = []timeline.Cookie{{Name: name, Deleted: true}}
	}
}

func acted(action string) func(timeline.Event) bool {
	return func(e timeline.Event) bool { return e.Kind == timeline.Acted && e.Text == action }
}

// signedBy has every token that fits signed by a key.
func signedBy(key string, fits func(redact.Token) bool) func(*timeline.Timeline) {
	return func(line *timeline.Timeline) {
		for i, event := range line.Events {
			if event.Request != nil && event.Request.Bearer != nil && fits(*event.Request.Bearer) {
				token := *event.Request.Bearer
				token.KeyID = key
				line.Events[i].Request.Bearer = &token
			}
		}
	}
}

func anyToken(redact.Token) bool { return true }

// noneAfterRefresh removes the requests that came with another token than the
// first.
func noneAfterRefresh(line *timeline.Timeline) {
	without(func(e timeline.Event) bool {
		return e.Request != nil && e.Request.Bearer != nil && e.Request.Bearer.Hash != "token-1"
	})(line)
}

func brokenRenewals() []broken {
	return []broken{
		{
			rule: "keys-rotated", how: "without a rotation", symptom: judge.NothingSeen, says: "no keys were rotated",
			change: without(acted(timeline.KeysRotated)),
		},
		{
			rule: "keys-rotated", how: "when one key signed all", symptom: judge.NothingSeen, says: "signed by the former key",
			change: signedBy("key-1", anyToken),
		},
		{
			rule: "keys-rotated", how: "when a token does not name its key", symptom: judge.NothingSeen, says: "does not say which key",
			change: signedBy("", anyToken),
		},
		{
			rule: "keys-rotated", how: "when no new token was used", symptom: judge.NotRefreshed, says: "the new key has signed",
			change: noneAfterRefresh, also: []string{"outlived-sso-session"},
		},
		{
			rule: "keys-rotated", how: "before the first token", symptom: judge.NothingSeen, says: "no token from before",
			change: among(acted(timeline.KeysRotated), func(e *timeline.Event) { e.At = noon }),
		},

		{
			rule: "shared-refresh", how: "when nothing was asked at once", symptom: judge.NothingSeen, says: "0 times, of 3",
			change: without(acted(timeline.AskedAtOnce)),
		},
		{
			rule: "shared-refresh", how: "when few requests met a refresh", symptom: judge.NothingSeen, says: "times, of 3",
			change: among(acted(timeline.AskedAtOnce), func(e *timeline.Event) { e.Count = 3 * atOnce }),
		},
		{
			rule: "shared-refresh", how: "by a request that was refused", symptom: judge.Unauthorized, says: "answered 401",
			change: among(nth(1, askedAtOnce), status(http.StatusUnauthorized)),
		},
		{
			rule: "shared-refresh", how: "by a request that failed", symptom: judge.ServerError, says: "answered 502",
			change: among(nth(2, askedAtOnce), failed(http.StatusBadGateway, "")),
		},

		{
			rule: "former-cookie-harmless", how: "when nobody sent it", symptom: judge.NothingSeen, says: "no request came with the cookie of before",
			change: func(line *timeline.Timeline) {
				for i, event := range line.Events {
					if event.Witness == timeline.Front && event.Request != nil {
						line.Events[i].Request.CookieToken = nil
					}
				}
			},
			also: []string{"shared-refresh", "outlived-sso-session"},
		},
		{
			rule: "former-cookie-harmless", how: "by the end of the session", symptom: judge.SessionDropped, says: "took the session's cookie away",
			change: among(nth(1, withFormerCookie), taken("headlamp-auth-main.0")),
		},
		{
			rule: "former-cookie-harmless", how: "by a 401", symptom: judge.Unauthorized, says: "answered 401",
			change: among(nth(0, withFormerCookie), status(http.StatusUnauthorized)),
		},
		{
			rule: "former-cookie-harmless", how: "when nothing was served later", symptom: judge.NotServed, says: "none was served with the present one",
			change: func(line *timeline.Timeline) {
				sent := line.Select(withFormerCookie)
				last := sent[len(sent)-1].At
				without(func(e timeline.Event) bool { return e.Witness == timeline.Front && e.At.After(last) })(line)
			},
		},

		{
			rule: "outlived-sso-session", how: "when it did not end", symptom: judge.NothingSeen, says: "no single sign-on session was ended",
			change: without(acted(timeline.SSOSessionEnded)),
		},
		{
			rule: "outlived-sso-session", how: "when no refresh was offline", symptom: judge.NotRefreshed, says: "no refresh by an offline token",
			change: among(is(timeline.Keycloak, timeline.Refresh), func(e *timeline.Event) { e.Identity.Details = nil }),
		},
		{
			rule: "outlived-sso-session", how: "when no later token was served", symptom: judge.NotServed, says: "nothing was served with a token from after",
			change: func(line *timeline.Timeline) {
				among(is(timeline.Front, timeline.Responded), func(e *timeline.Event) {
					if e.Request.CookieToken != nil && e.Request.CookieToken.Hash != "token-1" {
						e.Request.Status = http.StatusTooManyRequests
					}
				})(line)
			},
			also: []string{"former-cookie-harmless"},
		},
	}
}
