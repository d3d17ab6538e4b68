package kubelet

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
)

// Host is the address of the kubelet, and of its node.
const Host = "127.0.0.1"

const (
	// idleTimeout is how long a terminal may be silent, as a kubelet has it
	// (--streaming-connection-idle-timeout).
	idleTimeout = 4 * time.Hour
	// nextLine is how often a container writes to its log.
	nextLine = time.Second
)

// Kubelet is a running stub.
type Kubelet struct {
	port   int
	server *http.Server
	cut    context.CancelFunc // ends every log and terminal

	mu     sync.Mutex
	closed bool
	open   sync.WaitGroup // logs and terminals
}

// Start starts a kubelet on a free loopback port. It has a certificate of the
// authority's, and talks to nobody but who has one too, in the name of client.
func Start(authority *pki.Authority, client string) (*Kubelet, error) {
	pair, err := authority.Server(Host)
	if err != nil {
		return nil, err
	}
	certificate, err := pair.TLS()
	if err != nil {
		return nil, fmt.Errorf("use the kubelet's certificate: %w", err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(Host, "0"))
	if err != nil {
		return nil, fmt.Errorf("listen for the kubelet: %w", err)
	}
	running, cut := context.WithCancel(context.Background())
	kubelet := &Kubelet{port: listener.Addr().(*net.TCPAddr).Port, cut: cut}
	kubelet.server = &http.Server{
		Handler:           kubelet.routes(),
		BaseContext:       func(net.Listener) context.Context { return running },
		ReadHeaderTimeout: 30 * time.Second,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12,
			ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: authority.Pool(), VerifyConnection: only(client),
		},
		// Who is turned away is told so; it is no news here.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() {
		// Always ends with ErrServerClosed or with the listener's own end.
		_ = kubelet.server.ServeTLS(listener, "", "")
	}()
	return kubelet, nil
}

// only lets one client in: the authority vouches for others, too.
func only(client string) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		if name := state.PeerCertificates[0].Subject.CommonName; name != client {
			return fmt.Errorf("the kubelet talks to %s alone, not to %s", client, name)
		}
		return nil
	}
}

// Port is the loopback port that the API server reaches the kubelet under.
func (k *Kubelet) Port() int { return k.port }

// Close ends the kubelet, with every log and terminal that is open.
func (k *Kubelet) Close() error {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.cut()
	err := k.server.Close()
	k.open.Wait()
	if err != nil {
		return fmt.Errorf("stop the kubelet: %w", err)
	}
	return nil
}

// routes are what an API server asks for (k8s.io/kubernetes, pkg/kubelet/server).
func (k *Kubelet) routes() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", k.tracked(writeLog))
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		routes.HandleFunc(method+" /exec/{namespace}/{pod}/{container}", k.tracked(exec))
	}
	return routes
}

// tracked has Close wait for a handler: the server forgets a connection that has
// been upgraded.
func (k *Kubelet) tracked(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		k.mu.Lock()
		closed := k.closed
		if !closed {
			k.open.Add(1)
		}
		k.mu.Unlock()
		if closed {
			return
		}
		defer k.open.Done()
		handle(w, r)
	}
}

// writeLog writes a container's log: one line, and, when it is followed, another
// one each second until the reader has gone.
func writeLog(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	flush := http.NewResponseController(w).Flush
	follows := r.FormValue("follow") == "true"
	ticker := time.NewTicker(nextLine)
	defer ticker.Stop()
	for {
		if _, err := io.WriteString(w, LogLine(r.PathValue("namespace"), r.PathValue("pod"))+"\n"); err != nil {
			return
		}
		if err := flush(); err != nil || !follows {
			return
		}
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			return
		}
	}
}

// exec opens a terminal.
func exec(w http.ResponseWriter, r *http.Request) {
	options, err := remotecommand.NewOptions(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(w, r, echo{namespace: r.PathValue("namespace")}, r.PathValue("pod"), "", r.PathValue("container"),
		r.URL.Query()["command"], options, idleTimeout, remotecommand.DefaultStreamCreationTimeout, remotecommand.SupportedStreamingProtocols)
}
