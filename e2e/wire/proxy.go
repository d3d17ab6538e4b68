package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// closeGrace is how long Close lets requests under way finish.
const closeGrace = time.Second

// Options say what a proxy serves, and where it sends it.
type Options struct {
	Witness     timeline.Witness // as whom it records
	Recorder    *timeline.Recorder
	Certificate tls.Certificate
	Port        int // loopback port; 0: a free one
	// Upstream chooses where a request goes, for each request anew.
	Upstream func(*http.Request) (*url.URL, error)
	// Transport carries requests to the upstream.
	Transport http.RoundTripper
	// Incoming may look at a request before anything else happens to it, and add
	// to its record. It returns the request to go on with, or a refusal. It may
	// be nil.
	Incoming func(request *http.Request, record *timeline.Request) (*http.Request, *Refusal)
	// Outgoing may change the request on its way out, and add what it did to
	// the record. It may be nil.
	Outgoing func(request *httputil.ProxyRequest, record *timeline.Request)
	// Wrap, when it is not nil, gets every request before the proxy does, and
	// every answer after it. What it keeps from the proxy is not recorded.
	Wrap func(http.Handler) http.Handler
}

// Refusal is the answer that a proxy gives in place of the upstream's.
type Refusal struct {
	Status      int
	ContentType string
	Body        []byte
	Reason      string // for the record; without secrets
}

// Proxy is a running recording proxy.
type Proxy struct {
	options  Options
	listener net.Listener
	server   *http.Server
	cut      context.CancelFunc // ends every request, upgraded ones too
	requests atomic.Int64

	mu      sync.Mutex
	streams map[string]context.CancelFunc // of open watches and upgraded connections, by their records' ids
}

// Serve starts a proxy on a loopback port. Close ends it.
func Serve(options Options) (*Proxy, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(options.Port)))
	if err != nil {
		return nil, fmt.Errorf("listen for the %s: %w", options.Witness, err)
	}
	proxy := &Proxy{options: options, listener: listener, streams: map[string]context.CancelFunc{}}
	// The standard library's own complaints (a browser that hangs up, say) are
	// no news: what matters is recorded request by request.
	quiet := log.New(io.Discard, "", 0)
	handler := http.Handler(proxy)
	if options.Wrap != nil {
		handler = options.Wrap(proxy)
	}
	requests, cut := context.WithCancel(context.Background())
	proxy.cut = cut
	proxy.server = &http.Server{
		Handler:           handler,
		BaseContext:       func(net.Listener) context.Context { return requests },
		ReadHeaderTimeout: 30 * time.Second,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{options.Certificate}, MinVersion: tls.VersionTLS12},
		ErrorLog:          quiet,
	}
	go func() {
		// Always ends with ErrServerClosed or with the listener's own end.
		_ = proxy.server.ServeTLS(listener, "", "")
	}()
	return proxy, nil
}

// Port is the loopback port that the proxy listens on.
func (p *Proxy) Port() int { return p.listener.Addr().(*net.TCPAddr).Port }

// Close ends the proxy: requests under way get a second, open watches and
// WebSockets are cut.
func (p *Proxy) Close() error {
	// The server forgets a connection that has been upgraded.
	defer p.cut()
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	if err := p.server.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop the %s: %w", p.options.Witness, err)
	}
	if err := p.server.Close(); err != nil {
		return fmt.Errorf("stop the %s: %w", p.options.Witness, err)
	}
	return nil
}

// Streams is how many watches and upgraded connections are open.
func (p *Proxy) Streams() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.streams)
}

// CutStreams cuts every open watch and upgraded connection, on both sides.
func (p *Proxy) CutStreams() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, cut := range p.streams {
		cut()
	}
}

func (p *Proxy) beginStream(id string, cut context.CancelFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.streams[id] = cut
}

func (p *Proxy) endStream(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.streams, id)
}

// ServeHTTP passes one request on and records it twice at most: when its
// response's status is known, and, for what streams, when it is over.
func (p *Proxy) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	// Over HTTP/1.1 the server would close the client's body when the answer
	// begins. The transport may still be looking for the body's end then, would
	// take the closed body for a broken one, and cut the answer off. Not possible
	// is it only where it is not needed.
	_ = http.NewResponseController(writer).EnableFullDuplex()
	record := describe(request)
	p.noteSecrets(request.Header, request.Cookies())
	p.noteQuery(request.URL)
	record.ID = string(p.options.Witness) + "-" + strconv.FormatInt(p.requests.Add(1), 10)
	if p.options.Incoming != nil {
		passed, refusal := p.options.Incoming(request, &record)
		if refusal != nil {
			p.refuse(writer, record, refusal)
			return
		}
		request = passed
	}
	upstream, err := p.options.Upstream(request)
	if err != nil {
		p.fail(writer, record, err, request.Context().Err() != nil)
		return
	}
	cuttable, cut := context.WithCancel(request.Context())
	defer cut()
	request = request.WithContext(cuttable)
	var clientBrokeOff atomic.Bool
	if request.Body != nil && request.Body != http.NoBody {
		request.Body = &noticed{ReadCloser: request.Body, brokeOff: func(error) { clientBrokeOff.Store(true) }}
	}
	streams := false
	proxy := httputil.ReverseProxy{
		Transport:     p.options.Transport,
		FlushInterval: -1, // watches: every event at once
		ErrorLog:      p.server.ErrorLog,
		Rewrite: func(out *httputil.ProxyRequest) {
			out.SetURL(upstream)
			if p.options.Outgoing != nil {
				p.options.Outgoing(out, &record)
			}
		},
		ModifyResponse: func(response *http.Response) error {
			record.Status = response.StatusCode
			record.SetCookies = setCookies(response.Cookies())
			record.ClockOff = clockOff(response.Header, time.Now())
			p.noteSecrets(response.Header, response.Cookies())
			streams = response.StatusCode == http.StatusSwitchingProtocols || request.URL.Query().Has("watch")
			if streams {
				p.beginStream(record.ID, cut)
			}
			p.record(timeline.Responded, record)
			if response.StatusCode != http.StatusSwitchingProtocols {
				response.Body = &noticed{ReadCloser: response.Body, cut: cuttable, brokeOff: func(err error) { p.brokeOff(record, err) }}
			}
			return nil
		},
		ErrorHandler: func(writer http.ResponseWriter, request *http.Request, err error) {
			p.fail(writer, record, err, clientBrokeOff.Load() || request.Context().Err() != nil)
		},
	}
	// Deferred, because the proxy panics when a stream's client hangs up.
	defer func() {
		if streams {
			p.endStream(record.ID)
			p.record(timeline.Ended, record)
		}
	}()
	proxy.ServeHTTP(cutWith{writer, cuttable}, request)
}

func (p *Proxy) refuse(writer http.ResponseWriter, record timeline.Request, refusal *Refusal) {
	record.Status, record.Error = refusal.Status, refusal.Reason
	p.record(timeline.Responded, record)
	writer.Header().Set("Content-Type", refusal.ContentType)
	writer.WriteHeader(refusal.Status)
	// Fails when the client has hung up, which is its own decision.
	_, _ = writer.Write(refusal.Body)
}

// fail answers a request that got no answer. One that the client gave up is its
// own decision, and no failure of the upstream: not every such error says so.
func (p *Proxy) fail(writer http.ResponseWriter, record timeline.Request, err error, gaveUp bool) {
	// An error may quote what the upstream sent.
	record.Error = redact.Text(err.Error())
	if gaveUp {
		record.Error = "canceled by the client"
	} else {
		record.Status = http.StatusBadGateway
	}
	p.record(timeline.Failed, record)
	writer.WriteHeader(http.StatusBadGateway)
}

func (p *Proxy) brokeOff(record timeline.Request, err error) {
	// An error may quote what the upstream sent.
	record.Error = redact.Text(err.Error())
	p.record(timeline.BrokenOff, record)
}

func (p *Proxy) record(kind timeline.Kind, record timeline.Request) {
	p.options.Recorder.Add(timeline.Event{Witness: p.options.Witness, Kind: kind, Request: &record})
}
