package impersonator

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/url"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/wire"
)

// Foreign is another product in the impersonator's place, with a recording proxy
// before it: the product itself tells nothing.
type Foreign struct {
	proxy     *wire.Proxy
	transport *http.Transport
}

// StartForeign starts the proxy before a product at the given URL, whose
// certificate roots vouch for. The product passes requests on to the tap.
func StartForeign(authority *pki.Authority, recorder *timeline.Recorder, product string, roots *x509.CertPool) (*Foreign, error) {
	target, err := url.Parse(product)
	if err != nil {
		return nil, fmt.Errorf("stand before the impersonator: its address: %w", err)
	}
	pair, err := authority.Server(Host, "localhost")
	if err != nil {
		return nil, err
	}
	certificate, err := pair.TLS()
	if err != nil {
		return nil, fmt.Errorf("use the certificate of the proxy before the impersonator: %w", err)
	}
	foreign := &Foreign{transport: &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost: 32,
		DisableCompression:  true,
	}}
	foreign.proxy, err = wire.Serve(wire.Options{
		Witness:     timeline.Impersonator,
		Recorder:    recorder,
		Certificate: certificate,
		Upstream:    func(*http.Request) (*url.URL, error) { return target, nil },
		Transport:   foreign.transport,
	})
	if err != nil {
		return nil, err
	}
	return foreign, nil
}

// Port is the loopback port that the dashboard reaches the API server under.
func (f *Foreign) Port() int { return f.proxy.Port() }

// Close stops the proxy and cuts what is still open. The product lives on.
func (f *Foreign) Close() error {
	err := f.proxy.Close()
	f.transport.CloseIdleConnections()
	return err
}
