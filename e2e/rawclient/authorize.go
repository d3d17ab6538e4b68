package rawclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Authorize begins a login at an issuer's authorization endpoint and returns what
// came of it: the address that the issuer sends the browser back to when it asks
// for no password, or else the page that it shows. client keeps cookies, and
// follows no redirect.
func Authorize(ctx context.Context, client *http.Client, address string) (back *url.URL, page Answer, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, Answer{}, errors.New("begin a login: the authorization endpoint is no address")
	}
	request.Header = withUserAgent(http.Header{"Accept-Language": {"en"}})
	return send(client, request)
}

// SubmitLogin fills in the login form of a page that the issuer showed at an
// address, and returns where it sends the browser back to. The password goes to the
// issuer alone.
func SubmitLogin(ctx context.Context, client *http.Client, issuer, address string, page Answer, username, password string) (back *url.URL, after Answer, err error) {
	at, err := url.Parse(address)
	if err != nil {
		return nil, Answer{}, errors.New("read the login form: its page has no address")
	}
	form, err := parseLoginForm(at, page.Body)
	if err != nil {
		return nil, Answer{}, fmt.Errorf("read the login form at %s: %w: %s", place(at), err, page)
	}
	if !below(issuer, form.action) {
		return nil, Answer{}, fmt.Errorf("read the login form: %s is not the issuer's, which is %s", place(form.action), issuer)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, form.action.String(), strings.NewReader(form.filled(username, password).Encode()))
	if err != nil {
		return nil, Answer{}, errors.New("send the login form: it goes to what is no address")
	}
	request.Header = withUserAgent(http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Accept-Language": {"en"}})
	return send(client, request)
}

func send(client *http.Client, request *http.Request) (*url.URL, Answer, error) {
	response, err := client.Do(request)
	if err != nil {
		return nil, Answer{}, explain(request.Context(), request.Method+" "+place(request.URL), err)
	}
	answer, err := readAnswer(response)
	if err != nil {
		return nil, Answer{}, explain(request.Context(), request.Method+" "+place(request.URL), err)
	}
	back, err := response.Location()
	if errors.Is(err, http.ErrNoLocation) {
		return nil, answer, nil
	}
	return back, answer, err
}
