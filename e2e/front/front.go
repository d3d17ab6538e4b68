package front

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/wire"
)

// Host is the name under which the browser knows the dashboard. Keycloak goes
// by 127.0.0.1, so that the two are different sites: cookies ignore ports.
const Host = "localhost"

// Front is a running front.
type Front struct {
	proxy     *wire.Proxy
	transport *http.Transport
	balancer  *balancer
}

// Start starts a front without replicas; it answers 502 until SetReplicas.
// wrap, when it is not nil, stands between the browser and the front.
func Start(authority *pki.Authority, recorder *timeline.Recorder, wrap func(http.Handler) http.Handler) (*Front, error) {
	pair, err := authority.Server(Host, "127.0.0.1")
	if err != nil {
		return nil, err
	}
	certificate, err := pair.TLS()
	if err != nil {
		return nil, fmt.Errorf("use the front's certificate: %w", err)
	}
	// Compression is between browser and dashboard; this hop asks for none.
	front := &Front{transport: &http.Transport{
		MaxIdleConnsPerHost: 32, DisableCompression: true,
		// A replica talks HTTP, an identity-aware proxy before it does not.
		TLSClientConfig: &tls.Config{RootCAs: authority.Pool(), MinVersion: tls.VersionTLS12},
	}}
	front.balancer = &balancer{network: front.transport, givers: map[string]string{}}
	front.proxy, err = wire.Serve(wire.Options{
		Witness:     timeline.Front,
		Recorder:    recorder,
		Certificate: certificate,
		Upstream:    front.balancer.choose,
		Transport:   front.balancer,
		Wrap:        wrap,
		Outgoing: func(request *httputil.ProxyRequest, record *timeline.Request) {
			record.Replica = request.Out.URL.Host
			request.SetXForwarded()
			request.Out.Host = request.In.Host
		},
	})
	if err != nil {
		return nil, err
	}
	return front, nil
}

// URL is the dashboard's address for the browser, without a slash at its end.
func (f *Front) URL() string {
	return "https://" + net.JoinHostPort(Host, strconv.Itoa(f.proxy.Port()))
}

// Port is the port of the front.
func (f *Front) Port() int { return f.proxy.Port() }

// SetReplicas sends requests to these replicas from now on, in turn, and a
// session to another one than gave it out.
func (f *Front) SetReplicas(replicas ...*url.URL) { f.balancer.set(replicas) }

// LetPast sends the requests that fits says past the replicas' place, to another
// address: past the proxy that stands before a dashboard, say.
func (f *Front) LetPast(fits func(*http.Request) bool, to *url.URL) { f.balancer.letPast(fits, to) }

// Close stops the front and cuts what is still open.
func (f *Front) Close() error {
	err := f.proxy.Close()
	f.transport.CloseIdleConnections()
	return err
}
