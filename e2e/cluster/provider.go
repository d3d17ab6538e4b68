package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/e2e-framework/klient"
	"sigs.k8s.io/e2e-framework/support"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// defaultName is the name of a cluster that was given none.
const defaultName = "conformance"

var _ support.E2EClusterProvider = (*Provider)(nil)

// Provider runs the control plane, etcd and kube-apiserver as processes of this
// machine, behind e2e-framework's interface for clusters. It installs nothing.
// What the interface does not know, the audit log and the issuers, is in
// Endpoint and Options. One goroutine uses it at a time.
type Provider struct {
	name    string
	version string // that kube-apiserver must have; empty: any
	options Options

	plane  *controlPlane
	config *rest.Config // of an administrator
	ownDir string       // that was made for want of Options.Dir
}

// NewProvider returns a provider that runs nothing yet.
func NewProvider(options Options) *Provider {
	return &Provider{name: defaultName, options: options}
}

// WithOptions gives a Provider its options, all of them. It does nothing to
// another kind of provider.
func WithOptions(options Options) support.ClusterOpts {
	return func(provider support.E2EClusterProvider) {
		if local, ok := provider.(*Provider); ok {
			local.options = options
		}
	}
}

// SetDefaults has nothing to do: what is missing is made by Create.
func (p *Provider) SetDefaults() support.E2EClusterProvider { return p }

// WithName names the cluster and the kubeconfig's context. Providers of one name
// do not get into each other's way.
func (p *Provider) WithName(name string) support.E2EClusterProvider {
	p.name = name
	return p
}

// WithVersion makes Create refuse a kube-apiserver of another version.
func (p *Provider) WithVersion(version string) support.E2EClusterProvider {
	p.version = strings.TrimPrefix(version, "v")
	return p
}

// WithPath names the directory that etcd and kube-apiserver lie in, as
// KUBEBUILDER_ASSETS does. It stands in for Options.Assets.
func (p *Provider) WithPath(dir string) support.E2EClusterProvider {
	p.options.Assets = Assets{Etcd: filepath.Join(dir, "etcd"), APIServer: filepath.Join(dir, "kube-apiserver")}
	return p
}

// WithOpts applies options, in their order.
func (p *Provider) WithOpts(options ...support.ClusterOpts) support.E2EClusterProvider {
	for _, apply := range options {
		apply(p)
	}
	return p
}

// Create starts the control plane, waits until it is ready, and returns the path
// of the administrator's kubeconfig. The arguments are added to
// kube-apiserver's. When it fails, nothing is left. Of a cluster that runs it
// returns the kubeconfig.
func (p *Provider) Create(ctx context.Context, arguments ...string) (string, error) {
	if p.plane != nil {
		return p.GetKubeconfig(), nil
	}
	if err := p.create(ctx, arguments); err != nil {
		return "", errors.Join(fmt.Errorf("create the cluster %s: %w", p.name, err), p.Destroy(ctx))
	}
	return p.GetKubeconfig(), nil
}

func (p *Provider) create(ctx context.Context, arguments []string) error {
	options, err := p.wholeOptions()
	if err != nil {
		return err
	}
	if p.plane, err = startControlPlane(ctx, p.name, options, arguments); err != nil {
		return err
	}
	if runs := p.plane.endpoint.Version; p.version != "" && p.version != runs {
		return fmt.Errorf("%s is version %s, and %s is asked for; give the programs of that version with WithPath",
			options.Assets.APIServer, runs, p.version)
	}
	if p.config, err = clientcmd.BuildConfigFromFlags("", p.plane.endpoint.Kubeconfig); err != nil {
		return fmt.Errorf("read the administrator's kubeconfig: %w", err)
	}
	return aggregateRoles(ctx, p.config)
}

// wholeOptions are the options with what they leave out.
func (p *Provider) wholeOptions() (Options, error) {
	options := p.options
	if options.Assets.Etcd == "" || options.Assets.APIServer == "" {
		return Options{}, errors.New("there is no etcd or no kube-apiserver to run; give them in the Options, or their directory with WithPath")
	}
	if options.Dir == "" {
		dir, err := os.MkdirTemp("", "headlamp-conformance-cluster-")
		if err != nil {
			return Options{}, fmt.Errorf("make the cluster's directory: %w", err)
		}
		p.ownDir, options.Dir = dir, dir
	}
	if options.LogDir == "" {
		options.LogDir = options.Dir
	}
	if options.Authority == nil {
		authority, err := pki.NewAuthority(p.name)
		if err != nil {
			return Options{}, err
		}
		options.Authority = authority
	}
	if options.Issuers == nil {
		options.Issuers = func(context.Context) ([]Issuer, error) { return nil, nil }
	}
	return options, nil
}

// CreateWithConfig is Create without a file. With one it fails: the control
// plane is told by Options what another provider reads in a file.
func (p *Provider) CreateWithConfig(ctx context.Context, configFile string) (string, error) {
	if configFile != "" {
		return "", fmt.Errorf("create the cluster %s: the local control plane reads no configuration file, and %s was given; use WithOpts(cluster.WithOptions(...))",
			p.name, configFile)
	}
	return p.Create(ctx)
}

// Endpoint is how any process of the run reaches the API server. It is empty
// while none runs.
func (p *Provider) Endpoint() Endpoint {
	if p.plane == nil {
		return Endpoint{}
	}
	return p.plane.endpoint
}

// GetKubeconfig returns the path of the administrator's kubeconfig, or "" while
// no cluster runs.
func (p *Provider) GetKubeconfig() string { return p.Endpoint().Kubeconfig }

// GenerateKubeconfig is GetKubeconfig: there is one, which Create writes.
func (p *Provider) GenerateKubeconfig(arguments ...string) (string, error) {
	if len(arguments) > 0 {
		return "", fmt.Errorf("the cluster %s has one kubeconfig, and takes no arguments for it: %s", p.name, strings.Join(arguments, " "))
	}
	if p.plane == nil {
		return "", p.notCreated()
	}
	return p.GetKubeconfig(), nil
}

// GetKubectlContext returns the kubeconfig's context: the cluster's name.
func (p *Provider) GetKubectlContext() string { return p.name }

// KubernetesRestConfig returns the administrator's connection, or nil while no
// cluster runs.
func (p *Provider) KubernetesRestConfig() *rest.Config { return p.config }

// WaitForControlPlane waits until the API server tells the client that it is
// ready, and fails at once when it has ended. After Create it is.
func (p *Provider) WaitForControlPlane(ctx context.Context, client klient.Client) error {
	if p.plane == nil {
		return p.notCreated()
	}
	asking, err := rest.HTTPClientFor(client.RESTConfig())
	if err != nil {
		return fmt.Errorf("make a client of the cluster %s: %w", p.name, err)
	}
	defer asking.CloseIdleConnections()
	return p.plane.awaitAPIServer(ctx, asking)
}

// ExportLogs writes the programs' logs and the audit log into a directory, which
// it makes, without the tokens in them.
func (p *Provider) ExportLogs(_ context.Context, dir string) error {
	if p.plane == nil {
		return p.notCreated()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("export the logs of the cluster %s: %w", p.name, err)
	}
	var failed []error
	for _, log := range []string{p.plane.etcd.LogFile(), p.plane.apiServer.LogFile(), p.plane.endpoint.AuditLog} {
		content, err := os.ReadFile(log)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(log)), []byte(redact.Text(string(content))), 0o600)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("export the logs of the cluster %s: %w", p.name, err))
		}
	}
	return errors.Join(failed...)
}

// Destroy stops the control plane, frees its ports and removes the directory
// that Create made, however the context stands. Twice is no error.
func (p *Provider) Destroy(context.Context) error {
	var failed []error
	if p.plane != nil {
		failed = append(failed, p.plane.stop())
	}
	if p.ownDir != "" {
		failed = append(failed, os.RemoveAll(p.ownDir))
	}
	p.plane, p.config, p.ownDir = nil, nil, ""
	return errors.Join(failed...)
}

func (p *Provider) notCreated() error {
	return fmt.Errorf("the cluster %s does not run; call Create first", p.name)
}
