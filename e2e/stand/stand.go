package stand

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"
	"sigs.k8s.io/e2e-framework/support"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/digest"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/kubelet"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/rbac"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// startTimeout is the longest that starting the prepared parts may take.
const startTimeout = 3 * time.Minute

// MaxRealms is how many plain realms there may be: the API server is told of each
// twice, and of the few of other kinds, and takes cluster.MaxIssuers.
const MaxRealms = 29

// Settings are what a run asks of its stand.
type Settings struct {
	RunDir    string // exists; its owner removes it
	ReportDir string
	CacheDir  string

	Dashboard       dashboard.Source
	Faulty          dashboard.Source // that faults can be planted in, in a self-test
	Identity        string
	Product         *Product // in the impersonator's place; its TokenFile is set by Start
	Lifetime        time.Duration
	Expiries        int
	KeycloakVersion string
	KeycloakPort    int // 0: a free one
	Realms          int

	Progress *progress.Printer
}

// Stand is a running stand.
type Stand struct {
	descriptor Descriptor
	path       string
	keycloak   *keycloak.Server
	cluster    support.E2EClusterProvider
	kubelet    *kubelet.Kubelet
	chromium   *browser.Chromium
}

// Start installs and builds what is missing, and brings the stand up: the
// authority first, then everything else at once.
func Start(ctx context.Context, settings Settings) (*Stand, error) {
	parts, err := prepare(ctx, settings)
	if err != nil {
		return nil, err
	}
	stand := &Stand{path: filepath.Join(settings.RunDir, "stand.json")}
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, fmt.Errorf("not within %s", startTimeout))
	defer cancel()
	if err := stand.start(ctx, settings, parts); err != nil {
		return nil, errors.Join(err, stand.Stop())
	}
	return stand, nil
}

// DescriptorPath is the file that leads other processes to the stand.
func (s *Stand) DescriptorPath() string { return s.path }

// Descriptor describes the stand.
func (s *Stand) Descriptor() Descriptor { return s.descriptor }

// Stop stops all parts. What fails is reported, and the rest is stopped all
// the same.
func (s *Stand) Stop() error {
	var failed []error
	if s.chromium != nil {
		failed = append(failed, s.chromium.Stop())
	}
	if s.cluster != nil {
		failed = append(failed, s.cluster.Destroy(context.Background()))
	}
	if s.kubelet != nil {
		failed = append(failed, s.kubelet.Close())
	}
	if s.keycloak != nil {
		failed = append(failed, s.keycloak.Stop())
	}
	return errors.Join(failed...)
}

// Prepare installs, downloads and builds what a run needs, and starts nothing
// that lives on.
func Prepare(ctx context.Context, settings Settings) error {
	_, err := prepare(ctx, settings)
	return err
}

// parts are what has to be on the machine before the stand starts.
type parts struct {
	machine  provision.Tools
	assets   cluster.Assets
	keycloak *keycloak.Prepared
	// identityProxy is the executable, or empty: then identityProxyLacks says why.
	identityProxy, identityProxyLacks string
}

func (p parts) digests() (map[string]string, error) {
	digests := map[string]string{}
	for name, path := range map[string]string{
		"keycloak": p.keycloak.Libraries(), "etcd": p.assets.Etcd, "kube-apiserver": p.assets.APIServer,
	} {
		var err error
		if digests[name], err = digest.Of(path); err != nil {
			return nil, err
		}
	}
	return digests, nil
}

func prepare(ctx context.Context, settings Settings) (parts, error) {
	var ready parts
	if settings.Realms > MaxRealms {
		return parts{}, fmt.Errorf("a pool of %d realms is too large: an API server can be told of %d", settings.Realms, MaxRealms)
	}
	err := provision.CheckSpace(settings.CacheDir, keycloak.SpaceNeeded)
	if err != nil {
		return parts{}, err
	}
	if ready.machine, err = provision.Machine(ctx, settings.Progress); err != nil {
		return parts{}, err
	}
	if ready.assets, err = provision.ControlPlane(ctx, settings.CacheDir, settings.Progress); err != nil {
		return parts{}, err
	}
	// Few scenarios take it: without it the others can be run all the same.
	if ready.identityProxy, err = provision.IdentityProxy(ctx, settings.CacheDir, settings.Progress); err != nil {
		if ctx.Err() != nil {
			return parts{}, err
		}
		ready.identityProxy, ready.identityProxyLacks = "", err.Error()
	}
	ready.keycloak, err = keycloak.Prepare(ctx, keycloak.PrepareOptions{
		Version: settings.KeycloakVersion, CacheDir: settings.CacheDir, Realms: settings.Realms,
		Java: ready.machine.Java, Maven: ready.machine.Maven, Progress: settings.Progress,
	})
	if err != nil {
		return parts{}, err
	}
	return ready, nil
}

func (s *Stand) start(ctx context.Context, settings Settings, ready parts) error {
	logs := filepath.Join(settings.RunDir, "logs")
	s.descriptor = Descriptor{
		RunDir: settings.RunDir, ReportDir: settings.ReportDir,
		AuthorityDir: filepath.Join(settings.RunDir, "authority"),
		AdmissionDir: filepath.Join(settings.RunDir, "admission"), Logins: runtime.NumCPU(),
		Dashboard: settings.Dashboard, Faulty: settings.Faulty,
		Identity: settings.Identity, Lifetime: settings.Lifetime, Expiries: settings.Expiries,
		IdentityProxy: ready.identityProxy, IdentityProxyLacks: ready.identityProxyLacks,
	}
	dirs := map[string]string{"keycloak": "", "cluster": "", "browser": ""}
	for name := range dirs {
		dirs[name] = filepath.Join(settings.RunDir, name)
		if err := os.MkdirAll(dirs[name], 0o700); err != nil {
			return fmt.Errorf("make the run's directories: %w", err)
		}
	}
	for _, dir := range []string{s.descriptor.AuthorityDir, s.descriptor.AdmissionDir, logs} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the run's directories: %w", err)
		}
	}
	// The authority comes first: everything below trusts it from its start.
	authority, err := pki.NewAuthority("headlamp-conformance")
	if err != nil {
		return err
	}
	if err := authority.Save(s.descriptor.AuthorityDir); err != nil {
		return fmt.Errorf("keep the run's authority: %w", err)
	}

	keycloakRuns := make(chan struct{})
	local := cluster.NewProvider(cluster.Options{
		Assets: ready.assets, Dir: dirs["cluster"], LogDir: logs, Authority: authority,
		Issuers: func(ctx context.Context) ([]cluster.Issuer, error) {
			select {
			case <-keycloakRuns:
				running := s.descriptor
				running.Keycloak = s.keycloak.Endpoint()
				return running.issuers(), nil
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
		},
	})
	s.cluster = local
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		done := settings.Progress.Step("start Keycloak "+settings.KeycloakVersion, nil)
		s.keycloak, err = ready.keycloak.Start(groupCtx, keycloak.StartOptions{
			Dir: dirs["keycloak"], LogDir: logs, Authority: authority, Port: settings.KeycloakPort,
		})
		done(err)
		if err == nil {
			close(keycloakRuns)
		}
		return err
	})
	group.Go(func() (err error) {
		done := settings.Progress.Step("start etcd and, when Keycloak answers, kube-apiserver", nil)
		_, err = s.cluster.Create(groupCtx)
		done(err)
		return err
	})
	group.Go(func() (err error) {
		done := settings.Progress.Step("start Chromium", nil)
		s.chromium, err = browser.Start(groupCtx, browser.Options{
			Executable: ready.machine.Chromium, Certutil: ready.machine.Certutil,
			Dir: dirs["browser"], LogDir: logs, Authority: pki.CertificatePath(s.descriptor.AuthorityDir),
		})
		done(err)
		return err
	})
	group.Go(func() (err error) {
		s.descriptor.Digests, err = ready.digests()
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	s.descriptor.Keycloak = s.keycloak.Endpoint()
	s.descriptor.Cluster = local.Endpoint()
	s.descriptor.Browser = s.chromium.Endpoint()
	connected, err := cluster.Connect(s.descriptor.Cluster)
	if err != nil {
		return err
	}
	if err := connected.Apply(ctx, rbac.FS, "*.yaml"); err != nil {
		return err
	}
	if s.kubelet, err = kubelet.Start(authority, cluster.KubeletClient); err != nil {
		return err
	}
	if err := connected.AddNode(ctx, kubelet.Host, s.kubelet.Port()); err != nil {
		return err
	}
	if settings.Product != nil {
		if err := s.introduce(ctx, *settings.Product, connected, settings.RunDir); err != nil {
			return err
		}
	}
	return s.descriptor.Save(s.path)
}

// introduce gives another product a credential to impersonate with.
func (s *Stand) introduce(ctx context.Context, product Product, connected *cluster.Cluster, dir string) error {
	token, err := connected.ServiceAccountToken(ctx, rbac.Namespace, rbac.Impersonator)
	if err != nil {
		return err
	}
	product.TokenFile = filepath.Join(dir, "impersonator-token")
	if err := os.WriteFile(product.TokenFile, []byte(token), 0o600); err != nil {
		return fmt.Errorf("keep the impersonator's credential: %w", err)
	}
	s.descriptor.Product = &product
	return nil
}

// issuers are the realms that the API server trusts, the plain ones each by both of
// its names. Keycloak runs; relays do not, and the API server tries those again every
// ten seconds.
func (d Descriptor) issuers() []cluster.Issuer {
	var issuers []cluster.Issuer
	for _, name := range d.Keycloak.Realms {
		issuers = append(issuers, d.Issuer(name, realm.Plain), d.RelayedIssuer(name))
	}
	for _, kind := range realm.FewKinds {
		if kind == realm.Undeclared {
			continue
		}
		for _, name := range d.Keycloak.Few[kind] {
			issuers = append(issuers, d.Issuer(name, kind))
		}
	}
	return issuers
}
