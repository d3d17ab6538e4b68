package cluster

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"k8s.io/client-go/rest"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
)

// Host is the address of the API server.
const Host = "127.0.0.1"

// stopGrace is how long the programs have to end. Their data goes with the
// run's directory, so they need not.
const stopGrace = 2 * time.Second

// Assets are the programs of the control plane.
type Assets struct {
	Etcd             string // executable
	APIServer        string // executable
	EtcdVersion      string
	APIServerVersion string
}

// Options say what runs, and where.
type Options struct {
	Assets    Assets
	Dir       string // of this run; must exist
	LogDir    string
	Authority *pki.Authority
	// Issuers returns the issuers whose tokens the API server trusts. It is
	// called when etcd runs, and may wait until they answer: the API server
	// tries one that does not answer again only after ten seconds, and takes as
	// long over every change of its configuration.
	Issuers func(context.Context) ([]Issuer, error)
}

// Endpoint is how any process of the run reaches the API server.
type Endpoint struct {
	URL         string `json:"url"`
	Kubeconfig  string `json:"kubeconfig"` // of an administrator
	AuditLog    string `json:"auditLog"`
	Version     string `json:"version"`
	EtcdVersion string `json:"etcdVersion"`
}

// ControlPlane is a running etcd and kube-apiserver.
type ControlPlane struct {
	options   Options
	endpoint  Endpoint
	leases    []*ports.Lease
	etcd      *process.Process
	apiServer *process.Process
	etcdURL   string
}

// Start starts etcd and then kube-apiserver, and waits until it is ready.
func Start(ctx context.Context, options Options) (*ControlPlane, error) {
	plane := &ControlPlane{options: options, endpoint: Endpoint{
		Kubeconfig:  filepath.Join(options.Dir, "kubeconfig"),
		AuditLog:    filepath.Join(options.Dir, "audit.log"),
		Version:     options.Assets.APIServerVersion,
		EtcdVersion: options.Assets.EtcdVersion,
	}}
	if err := plane.start(ctx); err != nil {
		return nil, errors.Join(err, plane.Stop())
	}
	return plane, nil
}

// Endpoint is how any process of the run reaches the API server.
func (c *ControlPlane) Endpoint() Endpoint { return c.endpoint }

// Done is closed when the API server has ended, by itself or by Stop.
func (c *ControlPlane) Done() <-chan struct{} { return c.apiServer.Done() }

// Stop stops both programs and frees their ports.
func (c *ControlPlane) Stop() error {
	var failed []error
	for _, running := range []*process.Process{c.apiServer, c.etcd} {
		if running != nil {
			failed = append(failed, running.Stop(stopGrace))
		}
	}
	for _, lease := range c.leases {
		failed = append(failed, lease.Release())
	}
	c.leases = nil
	return errors.Join(failed...)
}

func (c *ControlPlane) start(ctx context.Context) error {
	files, err := c.writeFiles()
	if err != nil {
		return err
	}
	if err := c.startEtcd(ctx, files); err != nil {
		return err
	}
	issuers, err := c.options.Issuers(ctx)
	if err != nil {
		return err
	}
	authentication, err := renderAuthentication(issuers)
	if err != nil {
		return err
	}
	if err := os.WriteFile(files.authentication, authentication, 0o600); err != nil {
		return fmt.Errorf("write the authentication configuration: %w", err)
	}
	return c.startAPIServer(ctx, files)
}

func (c *ControlPlane) port() (int, error) {
	lease, err := ports.Take()
	if err != nil {
		return 0, err
	}
	c.leases = append(c.leases, lease)
	return lease.Port, nil
}

func (c *ControlPlane) startEtcd(ctx context.Context, files files) error {
	clientPort, err := c.port()
	if err != nil {
		return err
	}
	peerPort, err := c.port()
	if err != nil {
		return err
	}
	log, err := process.LogPath(c.options.LogDir, "etcd")
	if err != nil {
		return err
	}
	c.etcdURL = "https://127.0.0.1:" + strconv.Itoa(clientPort)
	peerURL := "https://127.0.0.1:" + strconv.Itoa(peerPort)
	c.etcd, err = process.Start(process.Command{
		Name: "etcd", Path: c.options.Assets.Etcd, Dir: c.options.Dir, Log: log,
		Args: []string{
			"--name=conformance", "--data-dir=" + filepath.Join(c.options.Dir, "etcd"),
			"--listen-client-urls=" + c.etcdURL, "--advertise-client-urls=" + c.etcdURL,
			"--listen-peer-urls=" + peerURL, "--initial-advertise-peer-urls=" + peerURL,
			"--initial-cluster=conformance=" + peerURL,
			"--cert-file=" + files.serverCertificate, "--key-file=" + files.serverKey,
			"--trusted-ca-file=" + files.authority, "--client-cert-auth",
			"--peer-cert-file=" + files.serverCertificate, "--peer-key-file=" + files.serverKey,
			"--peer-trusted-ca-file=" + files.authority,
			// The data live as long as the run: nothing has to survive a crash.
			"--unsafe-no-fsync", "--log-level=warn",
		},
	})
	if err != nil {
		return err
	}
	client, err := files.clientOf(c.options.Authority)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	return c.etcd.AwaitReady(ctx, func(ctx context.Context) error { return healthy(ctx, client, c.etcdURL+"/health") })
}

func (c *ControlPlane) startAPIServer(ctx context.Context, files files) error {
	port, err := c.port()
	if err != nil {
		return err
	}
	log, err := process.LogPath(c.options.LogDir, "kube-apiserver")
	if err != nil {
		return err
	}
	c.endpoint.URL = "https://" + Host + ":" + strconv.Itoa(port)
	c.apiServer, err = process.Start(process.Command{
		Name: "kube-apiserver", Path: c.options.Assets.APIServer, Dir: c.options.Dir, Log: log,
		Args: []string{
			"--bind-address=" + Host, "--advertise-address=" + Host, "--secure-port=" + strconv.Itoa(port),
			"--tls-cert-file=" + files.serverCertificate, "--tls-private-key-file=" + files.serverKey,
			"--client-ca-file=" + files.authority,
			"--etcd-servers=" + c.etcdURL, "--etcd-cafile=" + files.authority,
			"--etcd-certfile=" + files.adminCertificate, "--etcd-keyfile=" + files.adminKey,
			"--service-account-issuer=https://kubernetes.default.svc", "--service-cluster-ip-range=10.96.0.0/16",
			"--service-account-signing-key-file=" + files.accountKey, "--service-account-key-file=" + files.accountKey,
			"--authentication-config=" + files.authentication, "--authorization-mode=RBAC",
			"--audit-policy-file=" + files.auditPolicy, "--audit-log-path=" + c.endpoint.AuditLog,
			// A request is in the log before it is answered.
			"--audit-log-mode=blocking", "--audit-log-maxsize=0",
			// Without a controller manager nobody would make the accounts.
			"--disable-admission-plugins=ServiceAccount",
			"--endpoint-reconciler-type=none", "--profiling=false",
		},
	})
	if err != nil {
		return err
	}
	config, err := c.writeKubeconfig(files)
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return fmt.Errorf("make the administrator's client: %w", err)
	}
	defer client.CloseIdleConnections()
	return c.apiServer.AwaitReady(ctx, func(ctx context.Context) error { return healthy(ctx, client, c.endpoint.URL+"/readyz") })
}

func healthy(ctx context.Context, client *http.Client, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, response.Status)
	}
	return nil
}

// auditPolicy keeps who asked for what, no bodies: the request and the
// response hold what the promises are not about. The API server's own calls to
// itself are left out.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    users: ["system:apiserver"]
  - level: Metadata
`
