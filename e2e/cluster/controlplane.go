package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/rest"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
)

// Host is the address of the API server.
const Host = "127.0.0.1"

const (
	// stopGrace is how long the programs have to end. Their data goes with the
	// run's directory, so they need not.
	stopGrace = 2 * time.Second
	// answerLimit is the longest answer of the programs that is read, in bytes.
	answerLimit = 1 << 20
)

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
	Dir       string         // of this run; must exist. Empty: one that Destroy removes
	LogDir    string         // empty: Dir
	Authority *pki.Authority // nil: one of its own
	// Issuers returns the issuers whose tokens the API server trusts. It is
	// called when etcd runs, and may wait until they answer: the API server
	// tries one that does not answer again only after ten seconds, and takes as
	// long over every change of its configuration. Nil: there are none.
	Issuers func(context.Context) ([]Issuer, error)
}

// Endpoint is how any process of the run reaches the API server.
type Endpoint struct {
	URL         string `json:"url"`
	Kubeconfig  string `json:"kubeconfig"` // of an administrator
	AuditLog    string `json:"auditLog"`
	Log         string `json:"log,omitempty"` // kube-apiserver's own, where it is a file
	Version     string `json:"version"`       // as the running program says it, without the v
	EtcdVersion string `json:"etcdVersion"`
}

// controlPlane is a running etcd and kube-apiserver.
type controlPlane struct {
	name      string // of the cluster and the kubeconfig's context
	options   Options
	arguments []string // of kube-apiserver, after ours
	endpoint  Endpoint
	leases    []*ports.Lease
	etcd      *process.Process
	apiServer *process.Process
	etcdURL   string
}

// startControlPlane starts etcd and then kube-apiserver, and waits until it is
// ready. The options are whole.
func startControlPlane(ctx context.Context, name string, options Options, arguments []string) (*controlPlane, error) {
	plane := &controlPlane{name: name, options: options, arguments: arguments, endpoint: Endpoint{
		Kubeconfig: filepath.Join(options.Dir, "kubeconfig"),
		AuditLog:   filepath.Join(options.Dir, "audit.log"),
	}}
	if err := plane.start(ctx); err != nil {
		return nil, errors.Join(err, plane.stop())
	}
	return plane, nil
}

// stop stops both programs and frees their ports.
func (c *controlPlane) stop() error {
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

func (c *controlPlane) start(ctx context.Context) error {
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

func (c *controlPlane) port() (int, error) {
	lease, err := ports.Take()
	if err != nil {
		return 0, err
	}
	c.leases = append(c.leases, lease)
	return lease.Port, nil
}

func (c *controlPlane) startEtcd(ctx context.Context, files files) error {
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
	err = c.etcd.AwaitReady(ctx, func(ctx context.Context) error {
		_, err := get(ctx, client, c.etcdURL+"/health")
		return err
	})
	if err != nil {
		return err
	}
	var told struct {
		Version string `json:"etcdserver"`
	}
	err = decode(ctx, client, c.etcdURL+"/version", &told)
	c.endpoint.EtcdVersion = told.Version
	return err
}

func (c *controlPlane) startAPIServer(ctx context.Context, files files) error {
	port, err := c.port()
	if err != nil {
		return err
	}
	log, err := process.LogPath(c.options.LogDir, "kube-apiserver")
	if err != nil {
		return err
	}
	c.endpoint.URL, c.endpoint.Log = "https://"+Host+":"+strconv.Itoa(port), log
	c.apiServer, err = process.Start(process.Command{
		Name: "kube-apiserver", Path: c.options.Assets.APIServer, Dir: c.options.Dir, Log: log,
		Args: append([]string{
			"--bind-address=" + Host, "--advertise-address=" + Host, "--secure-port=" + strconv.Itoa(port),
			"--tls-cert-file=" + files.serverCertificate, "--tls-private-key-file=" + files.serverKey,
			"--client-ca-file=" + files.authority,
			"--kubelet-certificate-authority=" + files.authority,
			"--kubelet-client-certificate=" + files.kubeletCertificate, "--kubelet-client-key=" + files.kubeletKey,
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
		}, c.arguments...),
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
	if err := c.awaitAPIServer(ctx, client); err != nil {
		return err
	}
	var told version.Info
	err = decode(ctx, client, c.endpoint.URL+"/version", &told)
	c.endpoint.Version = strings.TrimPrefix(told.GitVersion, "v")
	return err
}

// awaitAPIServer waits until kube-apiserver says that it is ready.
func (c *controlPlane) awaitAPIServer(ctx context.Context, client *http.Client) error {
	return c.apiServer.AwaitReady(ctx, func(ctx context.Context) error {
		_, err := get(ctx, client, c.endpoint.URL+"/readyz")
		return err
	})
}

func get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", address, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, answerLimit))
}

func decode(ctx context.Context, client *http.Client, address string, answer any) error {
	content, err := get(ctx, client, address)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, answer); err != nil {
		return fmt.Errorf("read the answer of %s: %w", address, err)
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
