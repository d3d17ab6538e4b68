package relay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
)

const (
	// closeGrace is how long Close lets requests under way finish.
	closeGrace = time.Second
	// tokenEndpoint and discovery are how Keycloak's paths end that a dashboard
	// needs for a refresh.
	tokenEndpoint = "/protocol/openid-connect/token"
	discovery     = "/.well-known/openid-configuration"
)

// Options say where a relay stands.
type Options struct {
	Authority *pki.Authority // vouches for the relay
	Address   string         // a loopback address
	Port      int            // 0: a free one
	Upstream  string         // Keycloak's own address, https
	Roots     *x509.CertPool // who vouch for Keycloak
	// Missed is called when somebody but a browser asked for what a refresh needs,
	// and Keycloak was lost. It may be nil.
	Missed func()
	// Discovered is called when somebody but a browser has asked who Keycloak is. It
	// may be nil.
	Discovered func()
	// Late is called when a slow answer of the token endpoint went out. It may be
	// nil.
	Late func()
}

// Relay is a running relay.
type Relay struct {
	options   Options
	listener  net.Listener
	server    *http.Server
	transport *http.Transport
	proxy     *httputil.ReverseProxy

	mu    sync.Mutex
	lost  bool
	delay time.Duration
}

// Start starts a relay that passes everything on. Close ends it.
func Start(options Options) (*Relay, error) {
	upstream, err := url.Parse(options.Upstream)
	if err != nil {
		return nil, fmt.Errorf("start a relay before Keycloak: its address: %w", err)
	}
	pair, err := options.Authority.Server(options.Address)
	if err != nil {
		return nil, err
	}
	certificate, err := pair.TLS()
	if err != nil {
		return nil, fmt.Errorf("use the relay's certificate: %w", err)
	}
	relay := &Relay{options: options, transport: &http.Transport{
		TLSClientConfig:    &tls.Config{RootCAs: options.Roots, MinVersion: tls.VersionTLS12},
		DisableCompression: true,
	}}
	if relay.listener, err = net.Listen("tcp", net.JoinHostPort(options.Address, strconv.Itoa(options.Port))); err != nil {
		return nil, fmt.Errorf("listen for the relay before Keycloak: %w", err)
	}
	quiet := log.New(io.Discard, "", 0)
	relay.proxy = &httputil.ReverseProxy{
		Transport: relay.transport,
		ErrorLog:  quiet,
		Rewrite: func(request *httputil.ProxyRequest) {
			request.SetURL(upstream)
			request.Out.Host = request.In.Host
		},
	}
	// HTTP/1.1 alone: what is broken off then is a connection, as on a lost network.
	var oneOnly http.Protocols
	oneOnly.SetHTTP1(true)
	relay.server = &http.Server{
		Handler: relay, Protocols: &oneOnly, ErrorLog: quiet, ReadHeaderTimeout: 30 * time.Second,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
	}
	go func() {
		// Always ends with ErrServerClosed or with the listener's own end.
		_ = relay.server.ServeTLS(relay.listener, "", "")
	}()
	return relay, nil
}

// URL is Keycloak's address through the relay, without a slash at its end.
func (r *Relay) URL() string { return "https://" + r.listener.Addr().String() }

// Lose breaks off every request from now on, as if Keycloak could not be reached.
func (r *Relay) Lose() { r.set(func() { r.lost = true }) }

// Restore passes everything on again.
func (r *Relay) Restore() { r.set(func() { r.lost = false }) }

// Slow holds back every answer of the token endpoint from now on.
func (r *Relay) Slow(delay time.Duration) { r.set(func() { r.delay = delay }) }

func (r *Relay) set(change func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
}

// Close ends the relay.
func (r *Relay) Close() error {
	defer r.transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	if err := r.server.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop the relay before Keycloak: %w", err)
	}
	if err := r.server.Close(); err != nil {
		return fmt.Errorf("stop the relay before Keycloak: %w", err)
	}
	return nil
}

// ServeHTTP passes one request on, unless Keycloak is lost.
func (r *Relay) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	lost, delay := r.lost, r.delay
	r.mu.Unlock()
	if lost {
		if forRefresh(request) && r.options.Missed != nil {
			r.options.Missed()
		}
		panic(http.ErrAbortHandler)
	}
	if strings.HasSuffix(request.URL.Path, discovery) && !byBrowser(request) && r.options.Discovered != nil {
		r.options.Discovered()
	}
	if delay == 0 || !strings.HasSuffix(request.URL.Path, tokenEndpoint) {
		r.proxy.ServeHTTP(writer, request)
		return
	}
	// Keycloak has answered at once: what is slow is the way back.
	slow := *r.proxy
	slow.ModifyResponse = func(*http.Response) error { return wait(request.Context(), delay) }
	slow.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	slow.ServeHTTP(writer, request)
	if r.options.Late != nil {
		r.options.Late()
	}
}

// forRefresh says whether a dashboard may have sent a request, to refresh a
// session. Neither an API server that knows the keys asks for that, nor a browser.
func forRefresh(request *http.Request) bool {
	asked := request.URL.Path
	return !byBrowser(request) && (strings.HasSuffix(asked, tokenEndpoint) || strings.HasSuffix(asked, discovery))
}

func byBrowser(request *http.Request) bool {
	return strings.HasPrefix(request.UserAgent(), "Mozilla/")
}

func wait(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
