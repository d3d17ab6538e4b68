package installation

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// What is about a session's cookie is given up where the page sends the token itself,
// and nowhere else.
func TestAScenarioAboutTheCookieIsGivenUpWhereThereIsNone(t *testing.T) {
	t.Parallel()
	const issuer = "https://127.0.0.1:1/realms/r"
	token := &redact.Token{Hash: "a", Issuer: issuer}
	inCookie := timeline.Request{URL: "/oidc-callback", SetCookies: []timeline.Cookie{{Name: "headlamp-auth-main.0"}}}
	byPage := timeline.Request{URL: "/clusters/main/api/v1/pods", Bearer: token}
	for name, c := range map[string]struct {
		about    bool
		requests []timeline.Request
		given    bool
	}{
		"a cookie":               {true, []timeline.Request{inCookie}, false},
		"a cookie and a token":   {true, []timeline.Request{byPage, inCookie}, false},
		"the page's token":       {true, []timeline.Request{byPage}, true},
		"not about it":           {false, []timeline.Request{byPage}, false},
		"nothing was seen":       {true, nil, false},
		"another issuer's token": {true, []timeline.Request{{URL: byPage.URL, Bearer: &redact.Token{Hash: "b", Issuer: "other"}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				in := &Installation{recorder: timeline.NewRecorder(timeline.Header{Cluster: clusterName, Issuer: issuer})}
				in.options.Setup.AboutCookie = c.about
				for _, request := range c.requests {
					in.recorder.Add(timeline.Event{Witness: timeline.Front, Kind: timeline.Responded, Request: &request})
				}
				err := in.requireCookie(t.Context())
				var inapplicable *InapplicableError
				if errors.As(err, &inapplicable) != c.given || (err != nil) != c.given {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}
