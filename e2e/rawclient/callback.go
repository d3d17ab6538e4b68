package rawclient

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// wayBack ends the address that Keycloak sends a browser back to.
const wayBack = "/oidc-callback"

// Comeback is how Keycloak sends a browser back to the dashboard: with a code
// and a state, which are secrets.
type Comeback struct{ address *url.URL }

// With returns the comeback with another value of a parameter, or without it when
// the value is empty.
func (b Comeback) With(name, value string) Comeback {
	altered := *b.address
	query := altered.Query()
	query.Del(name)
	if value != "" {
		query.Set(name, value)
	}
	altered.RawQuery = query.Encode()
	return Comeback{&altered}
}

// ComeBack logs a user in at Keycloak, and stops where the browser would be sent
// back to the dashboard: with what is left to whoever has the comeback.
func (c *Client) ComeBack(ctx context.Context, username, password string) (Comeback, error) {
	var back *url.URL
	err := c.logIn(ctx, c.signIn(), username, password, func(next *http.Request, before []*http.Request) error {
		if next.URL.Host == c.cluster.Host && strings.HasSuffix(next.URL.Path, wayBack) {
			back = next.URL
			return http.ErrUseLastResponse
		}
		return follow(next, before)
	}, func(answer Answer, at *url.URL) error {
		if back == nil {
			return fmt.Errorf("send Keycloak's login form: the login ended at %s, which answered %s", place(at), answer)
		}
		return nil
	})
	if err != nil {
		return Comeback{}, err
	}
	return Comeback{back}, nil
}

// Present presents a comeback to the dashboard, and returns its answer. Redirects
// are not followed.
func (c *Client) Present(ctx context.Context, back Comeback) (Answer, error) {
	const what = "come back to the dashboard"
	bounded, cancel := c.bound(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(bounded, http.MethodGet, back.address.String(), nil)
	if err != nil {
		return Answer{}, explain(bounded, what, err)
	}
	request.Header = withUserAgent(http.Header{"Accept-Language": {"en"}})
	answer, _, err := c.exchange(request, func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse })
	if err != nil {
		return Answer{}, explain(bounded, what, err)
	}
	if next, err := back.address.Parse(answer.Header.Get("Location")); err == nil {
		c.takeFrom(next)
	}
	return answer, nil
}

// traces are how the inside of a program looks when it is shown: Go's, Java's,
// JavaScript's and Python's.
var traces = regexp.MustCompile(`(?m)goroutine \d+ \[|panic: |\.go:\d+|^\s*at [\w.$]+\(.*\)|Traceback \(most recent call last\)`)

// ShowsTrace says whether a text shows the inside of a program.
func ShowsTrace(text string) bool { return traces.MatchString(text) }

// Excerpt is the beginning of a text, without secrets and on one line.
func Excerpt(text string) string { return excerpt("text/plain", []byte(text)) }
