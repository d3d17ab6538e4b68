package tap

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/wire"
)

// auditID is the header under which the API server takes over a request's id
// (k8s.io/apiserver/pkg/apis/audit, HeaderAuditID).
const auditID = "Audit-ID"

// Host is the address that the dashboard reaches the tap under.
const Host = "127.0.0.1"

// Tap is a running tap.
type Tap struct {
	proxy     *wire.Proxy
	transport *http.Transport
	// knownOnly says that anonymous requests are refused.
	knownOnly atomic.Bool
}

// Start starts a tap before the API server at the given URL, whose certificate
// roots vouch for. It listens on a loopback port, a free one when port is 0.
func Start(authority *pki.Authority, recorder *timeline.Recorder, apiServer string, roots *x509.CertPool, port int) (*Tap, error) {
	target, err := url.Parse(apiServer)
	if err != nil {
		return nil, fmt.Errorf("start the tap: the API server's address: %w", err)
	}
	pair, err := authority.Server(Host, "localhost")
	if err != nil {
		return nil, err
	}
	certificate, err := pair.TLS()
	if err != nil {
		return nil, fmt.Errorf("use the tap's certificate: %w", err)
	}
	// HTTP/1.1: to every anonymous request over HTTP/2, of which a page makes
	// some before its login, the API server answers with the connection's end,
	// and a POST that is under way on it could not be sent again.
	tap := &Tap{transport: &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost: 32,
		// An answer passes as it is, not as this hop would rather have it.
		DisableCompression: true,
	}}
	tap.proxy, err = wire.Serve(wire.Options{
		Witness:     timeline.Tap,
		Recorder:    recorder,
		Certificate: certificate,
		Port:        port,
		Upstream:    func(*http.Request) (*url.URL, error) { return target, nil },
		Transport:   tap.transport,
		Incoming:    tap.refuseAnonymous,
		Outgoing: func(request *httputil.ProxyRequest, record *timeline.Request) {
			record.AuditID = uuid.NewString()
			request.Out.Header.Set(auditID, record.AuditID)
		},
	})
	if err != nil {
		return nil, err
	}
	return tap, nil
}

// RefuseAnonymous has requests without a credential answered 401 from now on, as
// an API server does whose anonymous authentication is off.
func (t *Tap) RefuseAnonymous() { t.knownOnly.Store(true) }

func (t *Tap) refuseAnonymous(request *http.Request, record *timeline.Request) (*http.Request, *wire.Refusal) {
	if record.Bearer != nil || !t.knownOnly.Load() {
		return request, nil
	}
	return nil, &wire.Refusal{
		Status: http.StatusUnauthorized, ContentType: "application/json", Reason: "anonymous requests are refused",
		Body: []byte(`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}`),
	}
}

// Port is the loopback port that the dashboard reaches the API server under.
func (t *Tap) Port() int { return t.proxy.Port() }

// Streams is how many watches and upgraded connections are open.
func (t *Tap) Streams() int { return t.proxy.Streams() }

// CutStreams cuts every open watch and upgraded connection.
func (t *Tap) CutStreams() { t.proxy.CutStreams() }

// Close stops the tap and cuts what is still open.
func (t *Tap) Close() error {
	err := t.proxy.Close()
	t.transport.CloseIdleConnections()
	return err
}
