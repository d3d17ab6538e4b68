package judge

import (
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// sessionCookies are how the names of a dashboard's session cookies begin
// (Headlamp 0.35 and later: headlamp-auth-<cluster>.<chunk>; the reference
// dashboard keeps its sealed refresh token in the other).
var sessionCookies = []string{"headlamp-auth-", "headlamp-refresh-"}

// searchedAtLeast are the places that a search for tokens has to look at, as
// the browser names them.
var searchedAtLeast = []string{"localStorage", "sessionStorage", "document.cookie"}

// loggedInOnce: the page loaded after a login, and Keycloak stored exactly one
// login for the dashboard and no refused one.
func loggedInOnce(line timeline.Timeline, _ Rule) []Finding {
	if _, loggedIn := line.Session(); !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	var findings []Finding
	logins := line.Select(func(e timeline.Event) bool { return atKeycloak(line, e, timeline.Login) })
	if len(logins) == 0 {
		findings = missing(NotLoggedIn, "Keycloak stored no login of the client %q", line.Header.Client)
	}
	for _, again := range logins[min(1, len(logins)):] {
		findings = append(findings, found(LoggedInAgain, again, "Keycloak stored another login: the session was not kept but made anew"))
	}
	for _, event := range line.Events {
		if refusedByKeycloak(line, event, timeline.LoginError) {
			findings = append(findings, found(LoginRefused, event, "Keycloak refused a login: %s", event.Identity.Error))
		}
	}
	return findings
}

// atKeycloak says whether an event is one of a kind that Keycloak stored for
// the dashboard's client.
func atKeycloak(line timeline.Timeline, event timeline.Event, kind timeline.Kind) bool {
	return event.Witness == timeline.Keycloak && event.Kind == kind && event.Identity.Client == line.Header.Client
}

// refusedByKeycloak says whether an event is an error that Keycloak stored of
// the dashboard. So is one without a client: nobody else talks to the realm but
// the stand's probe, which says who it is.
func refusedByKeycloak(line timeline.Timeline, event timeline.Event, kind timeline.Kind) bool {
	return atKeycloak(line, event, kind) ||
		(event.Witness == timeline.Keycloak && event.Kind == kind && event.Identity.Client == "")
}

// tokenHidden: no token was ever where a script of the page could read it, and
// every place was searched when there was a token to find.
func tokenHidden(line timeline.Timeline, _ Rule) []Finding {
	firstToken, seenAny := firstTokenAt(line)
	if !seenAny {
		return missing(NothingSeen, "no token of the user was seen, so none could have been found where it must not be")
	}
	for _, place := range searchedAtLeast {
		if len(line.Since(firstToken).Select(func(e timeline.Event) bool {
			return e.Witness == timeline.Page && e.Kind == timeline.Searched && e.Text == place
		})) == 0 {
			return missing(NothingSeen, "%s was not searched for tokens after there was one", place)
		}
	}
	var findings []Finding
	seen := map[string]bool{}
	for _, event := range line.Events {
		if event.Kind != timeline.TokenExposed || seen[event.Text+event.Token.Hash] {
			continue
		}
		seen[event.Text+event.Token.Hash] = true
		findings = append(findings, found(TokenReadable, event, "token %s can be read in %s", event.Token.Hash, event.Text))
	}
	return findings
}

// firstTokenAt is when the first token of a user was seen.
func firstTokenAt(line timeline.Timeline) (time.Time, bool) {
	tokens := line.Tokens()
	if len(tokens) == 0 {
		return time.Time{}, false
	}
	for _, event := range line.Events {
		if event.Request == nil {
			continue
		}
		for _, token := range []*redact.Token{event.Request.Bearer, event.Request.CookieToken} {
			if token != nil && token.Hash == tokens[0].Hash {
				return event.At, true
			}
		}
	}
	return time.Time{}, false
}

// cookieGuarded: every session cookie is HttpOnly, Secure and SameSite, as the
// dashboard set it through TLS and as the browser keeps it.
func cookieGuarded(line timeline.Timeline, _ Rule) []Finding {
	var findings []Finding
	set, kept := 0, 0
	for _, event := range line.Events {
		if event.Witness == timeline.Front && event.Kind == timeline.Responded {
			for _, cookie := range event.Request.SetCookies {
				if isSession(cookie) {
					set++
					findings = append(findings, guarded(event, cookie, "the dashboard set")...)
				}
			}
		}
		if event.Witness == timeline.Page && event.Kind == timeline.CookieKept && isSession(*event.Cookie) {
			kept++
			findings = append(findings, guarded(event, *event.Cookie, "the browser keeps")...)
		}
	}
	if set == 0 {
		findings = append(findings, missing(NothingSeen, "the front saw no session cookie being set")...)
	}
	if kept == 0 {
		findings = append(findings, missing(NothingSeen, "the browser was seen to keep no session cookie")...)
	}
	return findings
}

// isSession says whether a cookie carries a session, by its name or by the
// token in it.
func isSession(cookie timeline.Cookie) bool {
	return !cookie.Deleted && (cookie.Token != nil ||
		slices.ContainsFunc(sessionCookies, func(beginning string) bool { return strings.HasPrefix(cookie.Name, beginning) }))
}

func guarded(event timeline.Event, cookie timeline.Cookie, who string) []Finding {
	var lacks []string
	if !cookie.HTTPOnly {
		lacks = append(lacks, "HttpOnly")
	}
	if !cookie.Secure {
		lacks = append(lacks, "Secure")
	}
	if cookie.SameSite != "Strict" && cookie.SameSite != "Lax" {
		lacks = append(lacks, "SameSite")
	}
	if len(lacks) == 0 {
		return nil
	}
	return []Finding{found(CookieUnguarded, event, "%s the session cookie %s without %s", who, cookie.Name, strings.Join(lacks, ", "))}
}

// trustedPrivateIssuer: the dashboard got tokens from an issuer whose
// certificate only the given authority vouches for.
func trustedPrivateIssuer(line timeline.Timeline, _ Rule) []Finding {
	if _, loggedIn := line.Session(); !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	if len(line.Tokens()) == 0 {
		return missing(NothingSeen, "no token of the issuer %s was seen", line.Header.Issuer)
	}
	return nil
}
