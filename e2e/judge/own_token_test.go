package judge_test

import (
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// byThePage changes a course of events to that of a dashboard which leaves the token
// to its page, as Headlamp did up to 0.34: no cookie, and the page sends it itself.
func byThePage(line timeline.Timeline) timeline.Timeline {
	for i, event := range line.Events {
		if event.Request != nil && event.Witness == timeline.Front {
			request := *event.Request
			request.Bearer, request.CookieToken, request.Cookies, request.SetCookies = request.SessionToken(), nil, nil, nil
			line.Events[i].Request = &request
		}
		if event.Kind == timeline.CookieKept {
			line.Events[i].Kind, line.Events[i].Cookie = timeline.TokenExposed, nil
			line.Events[i].Text, line.Events[i].Token = "localStorage", &redact.Token{Hash: "token-1"}
		}
	}
	return line
}

func TestAPageThatSendsItsTokenItselfKeepsWhatIsNotAboutTheCookie(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]timeline.Timeline{
		"shared-refresh": renewed("token"), "outlived-sso-session": renewed("token"), "served-after-thaw": slept("token"),
		"session-cookie-gone": loggedOut("token"), "login-after-logout": loggedOut("token"),
	} {
		for _, finding := range check(byThePage(line), name) {
			t.Errorf("%s: %s: %s", name, finding.Symptom, finding.Text)
		}
	}
}

func TestATokenThatAPageKeepsAfterTheLogoutIsFound(t *testing.T) {
	t.Parallel()
	line := byThePage(loggedOut("token"))
	afterLogout(time.Second, timeline.Event{
		Witness: timeline.Page, Kind: timeline.TokenExposed, Tab: tab, Text: "localStorage", Token: &redact.Token{Hash: "token-1"},
	})(&line)
	line.Sort()
	findings := check(line, "session-cookie-gone")
	if len(findings) != 1 || findings[0].Symptom != judge.CookieStays {
		t.Errorf("found %v", findings)
	}
}

func TestADashboardIsKnownWhoseSessionHasNoCookie(t *testing.T) {
	t.Parallel()
	line := renewed("token")
	if !judge.HasSessionCookie(line) || judge.TokenSentByPage(line) {
		t.Error("a session in a cookie is not known")
	}
	line = byThePage(line)
	if judge.HasSessionCookie(line) || !judge.TokenSentByPage(line) {
		t.Error("a token that the page sends is not known")
	}
}
