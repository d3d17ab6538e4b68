package judge

import (
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// sessionCookie is how the names of the dashboard's session cookies begin
// (Headlamp 0.35 and later: headlamp-auth-<cluster>.<chunk>).
const sessionCookie = "headlamp-auth-"

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
		if atKeycloak(line, event, timeline.LoginError) {
			findings = append(findings, found(LoginRefused, event, "Keycloak refused a login: %s", event.Identity.Error))
		}
	}
	return findings
}

// atKeycloak says whether an event is one of a kind that Keycloak stored for
// the dashboard's client.
func atKeycloak(line timeline.Timeline, event timeline.Event, kind timeline.Kind) bool {
	return event.Witness == timeline.Keycloak && event.Kind == kind && event.Identity != nil &&
		event.Identity.Client == line.Header.Client
}

// tokenHidden: no token was ever where a script of the page could read it, and
// the places were searched at all.
func tokenHidden(line timeline.Timeline, _ Rule) []Finding {
	if _, searched := line.First(timeline.Page, timeline.Searched); !searched {
		return missing(NothingSeen, "no place of the page was searched for tokens")
	}
	if len(line.Tokens()) == 0 {
		return missing(NothingSeen, "no token of the user was seen, so none could have been found where it must not be")
	}
	var findings []Finding
	seen := map[string]bool{}
	for _, event := range line.Events {
		if event.Kind != timeline.TokenExposed || event.Token == nil || seen[event.Text+event.Token.Hash] {
			continue
		}
		seen[event.Text+event.Token.Hash] = true
		findings = append(findings, found(TokenReadable, event, "token %s can be read in %s", event.Token.Hash, event.Text))
	}
	return findings
}

// cookieGuarded: every session cookie that the dashboard set through TLS is
// HttpOnly, Secure and SameSite, and there is one.
func cookieGuarded(line timeline.Timeline, _ Rule) []Finding {
	var findings []Finding
	cookies := 0
	judge := func(event timeline.Event, cookie timeline.Cookie, who string) {
		if cookie.Deleted || (cookie.Token == nil && !strings.HasPrefix(cookie.Name, sessionCookie)) {
			return
		}
		cookies++
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
		if len(lacks) > 0 {
			findings = append(findings, found(CookieUnguarded, event, "%s the session cookie %s without %s", who, cookie.Name, strings.Join(lacks, ", ")))
		}
	}
	for _, event := range line.Events {
		if event.Witness == timeline.Front && event.Kind == timeline.Responded {
			for _, cookie := range event.Request.SetCookies {
				judge(event, cookie, "the dashboard set")
			}
		}
		if event.Witness == timeline.Page && event.Kind == timeline.CookieKept && event.Cookie != nil {
			judge(event, *event.Cookie, "the browser keeps")
		}
	}
	if cookies == 0 {
		return missing(NothingSeen, "no session cookie was seen, neither at the front nor in the browser")
	}
	return findings
}

// trustedPrivateIssuer: the dashboard got tokens from an issuer whose
// certificate only the given authority vouches for.
func trustedPrivateIssuer(line timeline.Timeline, _ Rule) []Finding {
	if _, loggedIn := line.Session(); !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	for _, token := range line.Tokens() {
		if token.Issuer == line.Header.Issuer {
			return nil
		}
	}
	return missing(NothingSeen, "no token of the issuer %s was seen", line.Header.Issuer)
}
