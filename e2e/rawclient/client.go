package rawclient

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

const (
	// actionTimeout is the longest that one action may take: many times what a
	// conformant dashboard needs on a busy machine.
	actionTimeout = 30 * time.Second
	// answerLimit bounds what is read of one answer, in bytes.
	answerLimit = 16 << 20
	// userAgent is as what the witnesses see it.
	userAgent = "headlamp-conformance-rawclient"
)

// Options say to which dashboard somebody goes, and whom they trust.
type Options struct {
	Front   string // the dashboard's address, its base path included, without a slash at its end
	Cluster string // the cluster's name in the dashboard's routes
	// Issuer is the only address, with what is below it, whose login form gets
	// the password.
	Issuer string
	Roots  *x509.CertPool // the only authorities that are trusted
}

// Client is one person: a jar of cookies, a token where the dashboard leaves that to
// the page, and the connections that they go over.
// It speaks HTTP/1.1 alone, for HTTP/2 knows no odd headers.
type Client struct {
	options   Options
	cluster   *url.URL // without a slash at its end
	jar       *cookiejar.Jar
	transport *http.Transport
	limit     time.Duration // of one action

	mu    sync.Mutex
	token string // that it sends itself
}

// New returns a client who is not logged in. Close ends its connections.
func New(options Options) (*Client, error) {
	cluster, err := url.Parse(options.Front + "/clusters/" + url.PathEscape(options.Cluster))
	if err != nil || cluster.Host == "" || cluster.Scheme != "https" {
		return nil, fmt.Errorf("%q is no address of a dashboard: give one with https", options.Front)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, fmt.Errorf("make a jar for cookies: %w", err)
	}
	var oneOnly http.Protocols
	oneOnly.SetHTTP1(true)
	return &Client{
		options: options, cluster: cluster, jar: jar, limit: actionTimeout,
		transport: &http.Transport{
			TLSClientConfig:    tlsConfig(options),
			Protocols:          &oneOnly,
			DisableCompression: true, // which would be a header of its own choice
		},
	}, nil
}

func tlsConfig(options Options) *tls.Config {
	return &tls.Config{RootCAs: options.Roots, MinVersion: tls.VersionTLS12}
}

// SetCookies puts cookies into the jar, as a browser at the dashboard keeps them.
func (c *Client) SetCookies(cookies []*http.Cookie) {
	c.jar.SetCookies(c.cluster.JoinPath("/"), cookies)
}

// Close ends the client's idle connections. Its watches end with themselves.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// Request is what is sent below the cluster's path.
type Request struct {
	Method string
	Path   string // below /clusters/<cluster>, with its query
	// Header is sent as it is, in odd cases, doubled, hop-by-hop or not, beside
	// the session's cookies.
	Header http.Header
	Body   []byte
}

// Answer is what a request was answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// String says what was answered, in short and without secrets.
func (a Answer) String() string {
	return fmt.Sprintf("%d: %q", a.Status, excerpt(a.Header.Get("Content-Type"), a.Body))
}

// Get gets a path below the cluster's.
func (c *Client) Get(ctx context.Context, path string) (Answer, error) {
	return c.Send(ctx, Request{Method: http.MethodGet, Path: path})
}

// Do sends a request with a JSON body, as a page would. A nil body is none.
func (c *Client) Do(ctx context.Context, method, path string, body any) (Answer, error) {
	request := Request{Method: method, Path: path}
	if body != nil {
		content, err := json.Marshal(body)
		if err != nil {
			return Answer{}, fmt.Errorf("encode the body of %s %s: %w", method, redact.URL(path), err)
		}
		kind := "application/json"
		if method == http.MethodPatch {
			kind = "application/merge-patch+json"
		}
		request.Body, request.Header = content, http.Header{"Content-Type": {kind}}
	}
	return c.Send(ctx, request)
}

// Send sends a request as it is. Every answer is one, redirects and refusals
// too; an error means that there was none.
func (c *Client) Send(ctx context.Context, request Request) (Answer, error) {
	what := request.Method + " " + redact.URL(request.Path)
	if name := unsendable(request.Header); name != "" {
		return Answer{}, fmt.Errorf("%s: the header %s is made from the request and cannot be sent as it is", what, name)
	}
	bounded, cancel := c.bound(ctx)
	defer cancel()
	outgoing, err := http.NewRequestWithContext(bounded, request.Method, c.cluster.String()+request.Path, bytes.NewReader(request.Body))
	if err != nil {
		return Answer{}, explain(bounded, what, err)
	}
	outgoing.Header = withUserAgent(request.Header)
	c.sign(outgoing.Header)
	answer, _, err := c.exchange(outgoing, noRedirects)
	if err != nil {
		return Answer{}, explain(bounded, what, err)
	}
	c.SetToken(answer.Header.Get(renewal))
	return answer, nil
}

// Cookies returns the session's cookies, with their values: secrets, which reach
// no record.
func (c *Client) Cookies() []*http.Cookie {
	return c.jar.Cookies(c.cluster.JoinPath("/"))
}

// GetWith gets a path below the cluster's with other cookies than the session's,
// and yet takes over those of the answer, as a browser does with the answer to a
// request that was under way while the cookies were renewed.
func (c *Client) GetWith(ctx context.Context, path string, cookies []*http.Cookie) (Answer, error) {
	what := http.MethodGet + " " + redact.URL(path)
	bounded, cancel := c.bound(ctx)
	defer cancel()
	outgoing, err := http.NewRequestWithContext(bounded, http.MethodGet, c.cluster.String()+path, nil)
	if err != nil {
		return Answer{}, explain(bounded, what, err)
	}
	outgoing.Header = withUserAgent(nil)
	for _, cookie := range cookies {
		outgoing.AddCookie(cookie)
	}
	answer, _, err := c.exchangeWith(http.Client{Transport: c.transport, CheckRedirect: noRedirects}, outgoing)
	if err != nil {
		return Answer{}, explain(bounded, what, err)
	}
	c.jar.SetCookies(outgoing.URL, (&http.Response{Header: answer.Header}).Cookies())
	return answer, nil
}

func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// unsendable names a header that net/http leaves out, or returns "". A test
// that believes to have sent it would show nothing.
func unsendable(header http.Header) string {
	for _, name := range []string{"Host", "Content-Length", "Transfer-Encoding", "Trailer"} {
		if _, given := header[name]; given {
			return name
		}
	}
	return ""
}

func withUserAgent(given http.Header) http.Header {
	header := given.Clone()
	if header == nil {
		header = http.Header{}
	}
	if _, own := header["User-Agent"]; !own {
		header.Set("User-Agent", userAgent)
	}
	return header
}

// exchange sends a request with the jar's cookies, and takes over those of the
// answers. It returns the last answer and where that came from.
func (c *Client) exchange(request *http.Request, onRedirect func(*http.Request, []*http.Request) error) (Answer, *url.URL, error) {
	return c.exchangeWith(http.Client{Transport: c.transport, Jar: c.jar, CheckRedirect: onRedirect}, request)
}

func (c *Client) exchangeWith(client http.Client, request *http.Request) (Answer, *url.URL, error) {
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, nil, err
	}
	answer, err := readAnswer(response)
	return answer, response.Request.URL, err
}

// readAnswer reads a response to its end, and closes it.
func readAnswer(response *http.Response) (Answer, error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, answerLimit+1))
	err = errors.Join(err, response.Body.Close())
	if len(body) > answerLimit {
		err = errors.Join(err, fmt.Errorf("the answer is longer than %d bytes", answerLimit))
	}
	if err != nil {
		return Answer{}, err
	}
	return Answer{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// bound gives one action its deadline.
func (c *Client) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, c.limit, fmt.Errorf("not within %s", c.limit))
}

// explain says what failed, and where along the redirects, without secrets: an
// address may carry a code, and an error may quote it.
func explain(ctx context.Context, what string, err error) error {
	var sent *url.Error
	if errors.As(err, &sent) {
		if at, parseErr := url.Parse(sent.URL); parseErr == nil {
			what += ", at " + place(at)
		}
		err = sent.Err
	}
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("%s: %w", what, cause)
	}
	return fmt.Errorf("%s: %s", what, redact.Text(err.Error()))
}

// place is an address without its query, in which secrets are.
func place(address *url.URL) string {
	if address.Host == "" {
		return address.Path
	}
	return address.Scheme + "://" + address.Host + address.Path
}
