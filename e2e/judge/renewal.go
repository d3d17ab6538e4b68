package judge

import (
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// burstWithin is the longest that requests may take to arrive which were sent at
// once.
const burstWithin = 2 * time.Second

// keysRotated: tokens were signed by another key after Keycloak's keys had been
// rotated than before, and used.
func keysRotated(line timeline.Timeline, _ Rule) []Finding {
	rotated, done := line.Acted(timeline.KeysRotated)
	if !done {
		return missing(NothingSeen, "no keys were rotated")
	}
	tokens := line.Tokens()
	if len(tokens) == 0 || tokens[0].IssuedAt.After(rotated.At) {
		return missing(NothingSeen, "no token from before the rotation was seen")
	}
	first, later := tokens[0], 0
	for _, token := range tokens {
		switch {
		case token.KeyID == "":
			return missing(NothingSeen, "token %s does not say which key has signed it", token.Hash)
		case !token.IssuedAt.After(rotated.At):
		case token.KeyID == first.KeyID:
			return missing(NothingSeen, "token %s, issued after the keys had been rotated, is signed by the former key: nothing was rotated", token.Hash)
		default:
			later++
		}
	}
	if later == 0 {
		return missing(NotRefreshed, "no token that the new key has signed was ever used")
	}
	return nil
}

// Bursts are the requests of each time that many were sent at once and came with
// a token that had to be renewed.
func Bursts(line timeline.Timeline) [][]timeline.Event {
	var bursts [][]timeline.Event
	for _, asked := range line.Of(timeline.Suite, timeline.Acted) {
		if asked.Text != timeline.AskedAtOnce {
			continue
		}
		var due []timeline.Event
		for _, event := range line.Since(asked.At).Events {
			if event.Witness != timeline.Front || !toCluster(line, event) || event.Request.SessionToken() == nil {
				continue
			}
			sent, token := began(event), event.Request.SessionToken()
			if !sent.Before(asked.At) && !sent.After(asked.At.Add(burstWithin)) && !sent.Before(token.ExpiresAt.Add(-renewedBefore)) {
				due = append(due, event)
			}
		}
		// Requests of the page's own are no burst.
		if len(due)*2 >= max(asked.Count, 2) {
			bursts = append(bursts, due)
		}
	}
	return bursts
}

// sharedRefresh: Count times at least, many requests came at once with a token
// that had to be renewed, and none of them was refused.
func sharedRefresh(line timeline.Timeline, rule Rule) []Finding {
	bursts := Bursts(line)
	var findings []Finding
	for _, burst := range bursts {
		for _, event := range burst {
			findings = append(findings, blip(line, event)...)
		}
	}
	if len(bursts) < rule.Count {
		findings = append(findings, missing(NothingSeen, "%d times, of %d, many requests came at once with a token that had to be renewed", len(bursts), rule.Count)...)
	}
	return findings
}

// formerCookieHarmless: a request came with the cookie of before a refresh. It was
// served, did not take the session away, and the session was served later.
func formerCookieHarmless(line timeline.Timeline, _ Rule) []Finding {
	renewed := map[string]time.Time{} // when the answer with the next token was seen, by the former
	var findings []Finding
	var last timeline.Event
	for _, event := range line.Of(timeline.Front, timeline.Responded) {
		token := event.Request.CookieToken
		if token == nil || !toCluster(line, event) {
			continue
		}
		if at, known := renewed[token.Hash]; known && began(event).After(at) {
			last = event
			findings = append(findings, blip(line, event)...)
			if dropsToken(event.Request.SetCookies) {
				findings = append(findings, found(SessionDropped, event, "the answer to a request with the former cookie, %.2f s after the refresh, took the session's cookie away",
					began(event).Sub(at).Seconds()))
			}
			continue
		}
		for _, cookie := range event.Request.SetCookies {
			if _, known := renewed[token.Hash]; !known && !cookie.Deleted && cookie.Token != nil && cookie.Token.Hash != token.Hash {
				renewed[token.Hash] = event.At
			}
		}
	}
	if last.Request == nil {
		return missing(NothingSeen, "no request came with the cookie of before a refresh")
	}
	for _, event := range line.Of(timeline.Front, timeline.Responded) {
		token := event.Request.CookieToken
		if token == nil || !toCluster(line, event) || !began(event).After(last.At) || event.Request.Status >= http.StatusBadRequest {
			continue
		}
		if _, former := renewed[token.Hash]; !former {
			return findings
		}
	}
	return append(findings, missing(NotServed, "after the request with the former cookie, none was served with the present one")...)
}

// dropsToken says whether an answer takes the first part of the session's token
// away and sets no other: what is behind the last part may go.
func dropsToken(cookies []timeline.Cookie) bool {
	dropped := map[string]bool{}
	for _, cookie := range cookies {
		if strings.HasPrefix(cookie.Name, sessionCookies[0]) && strings.HasSuffix(cookie.Name, ".0") {
			dropped[cookie.Name] = cookie.Deleted
		}
	}
	for _, gone := range dropped {
		if gone {
			return true
		}
	}
	return false
}

// servedAfterThaw: a page was frozen until its token was good for nothing any
// more. When it went on, its first request came with that token, and neither that
// nor a later one was answered 401 or failed, and the page asked for no login.
func servedAfterThaw(line timeline.Timeline, _ Rule) []Finding {
	frozen, wasFrozen := line.Acted(timeline.TabFrozen)
	thawed, wasThawed := line.Acted(timeline.TabThawed)
	if !wasFrozen || !wasThawed {
		return missing(NothingSeen, "no page was frozen, and thawed")
	}
	var findings []Finding
	first, served := true, false
	for _, event := range line.Events {
		if (event.Witness != timeline.Front && event.Witness != timeline.Page) || !toCluster(line, event) {
			continue
		}
		sent := began(event)
		if event.Witness == timeline.Front && sent.After(frozen.At.Add(clockTolerance)) && sent.Before(thawed.At) {
			return missing(NothingSeen, "%s %s came while the page was frozen: it was not", event.Request.Method, path(event.Request.URL))
		}
		if sent.Before(thawed.At) {
			continue
		}
		if event.Witness == timeline.Front {
			token := event.Request.SessionToken()
			if first && (token == nil || sent.Before(token.ExpiresAt.Add(AcceptedAfterExpiry))) {
				return missing(NothingSeen, "the first request after the thaw came without a token that had expired")
			}
			first = false
			served = served || ServedWithToken(event)
		}
		findings = append(findings, blip(line, event)...)
	}
	for _, routed := range SentBack(line) {
		findings = append(findings, found(LeftThePage, routed, "the page asked for a login: it went to %s", routed.Text))
	}
	if first {
		return missing(NothingSeen, "nothing was asked of the dashboard after the thaw")
	}
	if !served {
		findings = append(findings, missing(NotServed, "no request was served after the thaw")...)
	}
	return findings
}

// ServedWithToken says whether a request with a session's token was served, as the
// front saw.
func ServedWithToken(event timeline.Event) bool {
	return event.Kind == timeline.Responded && event.Request.SessionToken() != nil && event.Request.Status < http.StatusBadRequest
}

// outlivedSSOSession: an administrator ended the single sign-on session, and a
// token that Keycloak issued after that by an offline refresh token was used, and
// served.
func outlivedSSOSession(line timeline.Timeline, _ Rule) []Finding {
	end, ended := line.Acted(timeline.SSOSessionEnded)
	if !ended {
		return missing(NothingSeen, "no single sign-on session was ended")
	}
	offline := line.Since(end.At).Select(func(e timeline.Event) bool {
		return atKeycloak(line, e, timeline.Refresh) && e.Identity.Details["refresh_token_type"] == "Offline"
	})
	if len(offline) == 0 {
		return missing(NotRefreshed, "Keycloak stored no refresh by an offline token after the single sign-on session had been ended")
	}
	for _, token := range line.Tokens() {
		if !token.IssuedAt.After(end.At) {
			continue
		}
		for _, event := range line.Since(token.IssuedAt).Of(timeline.Front, timeline.Responded) {
			own := event.Request.SessionToken()
			if own != nil && own.Hash == token.Hash && toCluster(line, event) && event.Request.Status < http.StatusBadRequest {
				return nil
			}
		}
	}
	return missing(NotServed, "nothing was served with a token from after the end of the single sign-on session")
}
