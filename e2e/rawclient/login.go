package rawclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// redirectLimit is how many redirects in a row are followed, as in browsers.
const redirectLimit = 20

// LogIn logs a user in: from the dashboard to Keycloak's form, and back with a
// code. Then the session's cookies are in the jar, or its token is known. An error says at which step
// it ended, and what was answered, without secrets.
func (c *Client) LogIn(ctx context.Context, username, password string) error {
	return c.logIn(ctx, c.signIn(), username, password, follow, c.landed)
}

// signIn is the address at which the dashboard begins a login.
func (c *Client) signIn() string {
	return c.options.Front + "/oidc?cluster=" + url.QueryEscape(c.options.Cluster)
}

// LogInAtProxy logs a user in where a proxy before the dashboard does that, which
// sends whoever comes to Keycloak's form.
func (c *Client) LogInAtProxy(ctx context.Context, username, password string) error {
	return c.logIn(ctx, c.options.Front+"/", username, password, follow, c.landed)
}

// logIn begins at an address that leads to Keycloak's form, and sends that. onRedirect says how far the way back is gone, and
// landed what is wrong with where it ended.
func (c *Client) logIn(ctx context.Context, beginning, username, password string,
	onRedirect func(*http.Request, []*http.Request) error, landed func(Answer, *url.URL) error) error {
	form, err := c.begin(ctx, beginning)
	if err != nil {
		return err
	}
	const what = "send Keycloak's login form"
	bounded, cancel := c.bound(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(bounded, http.MethodPost, form.action.String(),
		strings.NewReader(form.filled(username, password).Encode()))
	if err != nil {
		return explain(bounded, what, err)
	}
	request.Header = withUserAgent(http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept-Language": {"en"}})
	answer, at, err := c.exchange(request, onRedirect)
	if err != nil {
		return explain(bounded, what, err)
	}
	return landed(answer, at)
}

// begin has the dashboard send the person to Keycloak, and reads the form there.
func (c *Client) begin(ctx context.Context, beginning string) (*loginForm, error) {
	const what = "begin a login at the dashboard"
	bounded, cancel := c.bound(ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(bounded, http.MethodGet, beginning, nil)
	if err != nil {
		return nil, explain(bounded, what, err)
	}
	request.Header = withUserAgent(http.Header{"Accept-Language": {"en"}})
	answer, at, err := c.exchange(request, follow)
	if err != nil {
		return nil, explain(bounded, what, err)
	}
	if answer.Status != http.StatusOK {
		return nil, fmt.Errorf("%s: %s answered %s", what, place(at), answer)
	}
	form, err := parseLoginForm(at, answer.Body)
	if err != nil {
		return nil, fmt.Errorf("read Keycloak's login form at %s: %w: %s", place(at), err, answer)
	}
	for _, address := range []*url.URL{at, form.action} {
		if !below(c.options.Issuer, address) {
			return nil, fmt.Errorf("read Keycloak's login form: %s is not Keycloak's, which is %s", place(address), c.options.Issuer)
		}
	}
	return form, nil
}

// landed says how a login did not end at the dashboard, with a session.
func (c *Client) landed(answer Answer, at *url.URL) error {
	if at.Host != c.cluster.Host {
		return fmt.Errorf("send Keycloak's login form: the login ended at %s, which answered %s", place(at), answer)
	}
	if answer.Status != http.StatusOK {
		return fmt.Errorf("come back to the dashboard: %s answered %s", place(at), answer)
	}
	c.takeFrom(at)
	if len(c.jar.Cookies(c.cluster.JoinPath("/"))) == 0 && c.Token() == "" {
		return fmt.Errorf("come back to the dashboard: it set no cookie for %s/", c.cluster.Path)
	}
	return nil
}

// follow follows redirects as a browser does, but for those that would have it
// send the form, password included, to another place.
func follow(next *http.Request, before []*http.Request) error {
	if next.Method == http.MethodPost {
		return errors.New("the login form was to be sent on to another address")
	}
	if len(before) > redirectLimit {
		return fmt.Errorf("more than %d redirects in a row", redirectLimit)
	}
	return nil
}

// below says whether an address is an issuer's own: at its origin, and in its
// path.
func below(issuer string, address *url.URL) bool {
	own, err := url.Parse(issuer)
	return err == nil && address.Scheme == own.Scheme && address.Host == own.Host &&
		strings.HasPrefix(address.Path, strings.TrimSuffix(own.Path, "/")+"/")
}
