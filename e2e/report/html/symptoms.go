package html

import (
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// sentences say of a symptom what a person would notice, or what is at stake.
var sentences = map[judge.Symptom]string{
	judge.NotLoggedIn:      "The login did not lead to the cluster's page.",
	judge.LoggedInAgain:    "There was more than the one login that a person should need.",
	judge.LoginRefused:     "Keycloak refused a login.",
	judge.TokenReadable:    "A script in the page could read a token.",
	judge.CookieUnguarded:  "A cookie with a token lacked a guard: HttpOnly, Secure or SameSite.",
	judge.LostConnection:   "The page said that it had lost the connection.",
	judge.LeftThePage:      "The page went away from the cluster, or to a login.",
	judge.PageNotAlive:     "The page no longer showed what changed in the cluster.",
	judge.Unauthorized:     "Requests of a logged-in user were answered 401.",
	judge.Forbidden:        "A request was answered 403 although the user has the right.",
	judge.ServerError:      "Requests were answered with a server error.",
	judge.RequestFailed:    "Requests got no answer.",
	judge.NothingSeen:      "What had to happen was never seen, so nothing is shown.",
	judge.ExpiryNotCrossed: "Not enough tokens came to their end.",
	judge.NotServed:        "The user was not served before and after a token's end.",
	judge.NotRefreshed:     "The tokens were not renewed at Keycloak.",
	judge.RefreshRefused:   "Keycloak refused to renew a token.",
	judge.WrongIdentity:    "The API server took a request for somebody else's.",
	judge.WrongCredential:  "A request carried another credential than it should.",
	judge.NotImpersonated:  "A request asked to impersonate nobody, or not the user.",
	judge.ExpiredToken:     "A token was sent on after its end.",
	judge.WitnessesDiffer:  "Two witnesses disagree about what was asked.",
	judge.WatchNotReopened: "A watch that ended was not opened again.",
	judge.Crashed:          "The page crashed.",
	judge.StillIn:          "After the end of the session the page still showed the cluster.",
	judge.CookieStays:      "The session's cookie stayed in the browser.",
	judge.LingeringAccess:  "What should have been worthless still opened the cluster.",
	judge.SessionLeft:      "Keycloak still had a session of the user.",
	judge.PasswordNotAsked: "The next login asked for no password.",
	judge.Escalated:        "A request got more than the user's own rights.",
	judge.FellBack:         "The dashboard did with its own rights what the user may not do.",
	judge.CookieUpstream:   "The browser's session cookie was sent to the API server.",
	judge.StillServed:      "Requests were still served after the session had ended.",
	judge.StillForwarded:   "Requests still reached the API server after the session had ended.",
	judge.SessionKept:      "Keycloak had refused the session, and the dashboard kept it.",
	judge.SessionDropped:   "A session that was good was taken away.",
	judge.LoginNotOffered:  "The session was over, and the page asked for no login.",
	judge.TokenStorm:       "Keycloak was asked for tokens again and again, in vain.",
	judge.ForgedLogin:      "A login that nobody had begun was accepted.",
	judge.TraceShown:       "A person was shown the inside of a program.",
	judge.NotTold:          "A login came to nothing, and nobody was told why.",
	judge.LoginStorm:       "The page or the dashboard went to the login again and again.",
	"bad-token-admitted":   "A token that is no good was let through.",
	"stream-failed":        "A terminal or a log stream did not open, or said nothing.",
	"acts-as-itself":       "A request was made in a program's own name, in a user's place.",
	judge.StaleChunk:       "A piece of an earlier session's cookie was left among the new one's.",
}

// sentence is what a symptom means. One that has no sentence is told by its
// name.
func sentence(symptom judge.Symptom) string {
	if known, found := sentences[symptom]; found {
		return known
	}
	words := strings.ReplaceAll(string(symptom), "-", " ")
	if words == "" {
		return "No symptom is named."
	}
	return heading(words) + "."
}
