package keycloak

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// ClientID is the dashboard's client in every realm, and the audience of its
// tokens.
const ClientID = realm.Client

// Host is the address of Keycloak: another site than the dashboard's, as in a
// real installation.
const Host = "127.0.0.1"

// StartOptions say where a Keycloak runs.
type StartOptions struct {
	Dir       string // of this run; must exist
	LogDir    string
	Authority *pki.Authority
	Port      int // 0: a free one
}

// Server is a running Keycloak.
type Server struct {
	process  *process.Process
	lease    *ports.Lease
	endpoint Endpoint
}

// Endpoint is how any process of the run reaches Keycloak.
type Endpoint struct {
	URL         string                  `json:"url"`
	CAFile      string                  `json:"caFile"`
	Version     string                  `json:"version"`
	Realms      []string                `json:"realms"`
	Few         map[realm.Kind][]string `json:"few"`         // realms of the other kinds
	SecretsFile string                  `json:"secretsFile"` // readable by its owner alone
	LeaseDir    string                  `json:"leaseDir"`
	Log         string                  `json:"log"`
}

// Issuer is the issuer of a realm's tokens.
func (e Endpoint) Issuer(realm string) string { return e.URL + "/realms/" + realm }

// Start starts a copy of what is prepared, over TLS under the authority, and
// waits until its realms answer.
func (p *Prepared) Start(ctx context.Context, options StartOptions) (*Server, error) {
	home := filepath.Join(options.Dir, "home")
	if err := linkHome(p.home, home); err != nil {
		return nil, err
	}
	if err := os.CopyFS(filepath.Join(home, "data"), os.DirFS(filepath.Join(p.data, "data"))); err != nil {
		return nil, fmt.Errorf("copy the prepared realms: %w", err)
	}
	server, err := p.listen(options)
	if err != nil {
		return nil, err
	}
	if err := p.launch(ctx, server, options, home); err != nil {
		return nil, errors.Join(err, server.lease.Release())
	}
	return server, nil
}

func (p *Prepared) listen(options StartOptions) (*Server, error) {
	take := ports.Take
	if options.Port != 0 {
		take = func() (*ports.Lease, error) { return ports.TakePort(options.Port) }
	}
	lease, err := take()
	if err != nil {
		return nil, fmt.Errorf("find a port for Keycloak: %w", err)
	}
	server := &Server{lease: lease, endpoint: Endpoint{
		URL: "https://" + lease.Address(), Version: p.version, Realms: p.realms, Few: p.few,
		CAFile:      filepath.Join(options.Dir, "ca.crt"),
		SecretsFile: filepath.Join(p.data, secretsFile),
		LeaseDir:    filepath.Join(options.Dir, "leases"),
	}}
	return server, nil
}

func (p *Prepared) launch(ctx context.Context, server *Server, options StartOptions, home string) error {
	if err := os.MkdirAll(server.endpoint.LeaseDir, 0o700); err != nil {
		return fmt.Errorf("make the directory of leases: %w", err)
	}
	if err := os.WriteFile(server.endpoint.CAFile, options.Authority.PEM(), 0o644); err != nil {
		return fmt.Errorf("keep the authority for Keycloak: %w", err)
	}
	pair, err := options.Authority.Server(Host, "localhost")
	if err != nil {
		return err
	}
	certificate, key, err := pair.Save(options.Dir, "tls")
	if err != nil {
		return fmt.Errorf("keep Keycloak's certificate: %w", err)
	}
	if server.endpoint.Log, err = process.LogPath(options.LogDir, "keycloak"); err != nil {
		return err
	}
	server.process, err = process.Start(process.Command{
		Name: "Keycloak", Path: filepath.Join(home, "bin", "kc.sh"),
		Args: append(releases[p.version].startArguments(server.endpoint.URL), "--http-enabled=false",
			"--http-host="+Host, "--https-port="+strconv.Itoa(server.lease.Port),
			"--https-certificate-file="+certificate, "--https-certificate-key-file="+key),
		Env: environment(p.java, home), Dir: home, Log: server.endpoint.Log,
	})
	if err != nil {
		return err
	}
	client := newHTTPClient(options.Authority.Pool())
	defer client.CloseIdleConnections()
	last := server.endpoint.Issuer(p.realms[len(p.realms)-1])
	if err := server.process.AwaitReady(ctx, func(ctx context.Context) error { return answers(ctx, client, last) }); err != nil {
		return errors.Join(err, server.process.Kill())
	}
	return nil
}

// Endpoint is how any process of the run reaches Keycloak.
func (s *Server) Endpoint() Endpoint { return s.endpoint }

// Done is closed when Keycloak has ended, by itself or by Stop.
func (s *Server) Done() <-chan struct{} { return s.process.Done() }

// Stop ends Keycloak. Its database goes with the run's directory, so it need
// not be closed in order.
func (s *Server) Stop() error { return errors.Join(s.process.Kill(), s.lease.Release()) }

// linkHome makes a Keycloak home that shares the distribution's files and has
// data of its own. kc.sh finds its home by its own path, so it is copied.
func linkHome(distribution, home string) error {
	if err := os.MkdirAll(filepath.Join(home, "bin"), 0o700); err != nil {
		return fmt.Errorf("make Keycloak's home: %w", err)
	}
	script, err := os.ReadFile(filepath.Join(distribution, "bin", "kc.sh"))
	if err != nil {
		return fmt.Errorf("copy kc.sh: %w", err)
	}
	if err := os.WriteFile(filepath.Join(home, "bin", "kc.sh"), script, 0o700); err != nil {
		return fmt.Errorf("copy kc.sh: %w", err)
	}
	for _, name := range []string{"lib", "conf", "providers", "themes"} {
		if err := os.Symlink(filepath.Join(distribution, name), filepath.Join(home, name)); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("link Keycloak's %s: %w", name, err)
		}
	}
	return nil
}

// answers says whether a realm answers.
func answers(ctx context.Context, client *http.Client, issuer string) error {
	if client == nil {
		client = newHTTPClient(x509.NewCertPool())
		defer client.CloseIdleConnections()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, issuer+"/.well-known/openid-configuration", nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", issuer, response.Status)
	}
	return nil
}
