package cluster_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/e2e-framework/klient"
	"sigs.k8s.io/e2e-framework/support"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/rbac"
)

const startTimeout = 2 * time.Minute

// side is one of two control planes that run side by side.
type side struct {
	provider  support.E2EClusterProvider
	endpoint  cluster.Endpoint
	connected *cluster.Cluster
	issuer    *issuer
	authority *pki.Authority
}

// TestControlPlanesSideBySide runs two, each with an issuer of its own, for all
// that needs one that runs: a start takes seconds.
func TestControlPlanesSideBySide(t *testing.T) {
	t.Parallel()
	assets := findAssets(t)
	first, second := newSide(t, assets, "first"), newSide(t, assets, "second")
	var starting errgroup.Group
	for _, one := range []*side{first, second} {
		starting.Go(func() error { return one.create(t.Context()) })
	}
	if err := starting.Wait(); err != nil {
		t.Fatal(err)
	}
	t.Run("both run", func(t *testing.T) {
		for _, test := range []struct {
			name  string
			check func(*testing.T, *side)
		}{
			{"the interface leads to the API server", checkInterface},
			{"groups have the rights of the fixture", checkRights},
			{"a namespace goes away", checkNamespace},
			{"a role is given to one user and taken away", checkGrant},
			{"the audit log has our request", checkAudit},
			{"logs are exported", checkExport},
			{"a pod has a log and a terminal", checkStreams},
		} {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				test.check(t, first)
			})
		}
		t.Run("a token is accepted where its issuer is declared", func(t *testing.T) {
			t.Parallel()
			checkTokens(t, first, second)
		})
	})
	for _, one := range []*side{first, second} {
		one.checkDestroy(t)
	}
}

func TestAControlPlaneThatCannotStartSaysWhyAndLeavesNothing(t *testing.T) {
	t.Parallel()
	assets := findAssets(t)
	none := func(context.Context) ([]cluster.Issuer, error) { return nil, nil }
	late := errors.New("the issuers do not answer")
	for name, test := range map[string]struct {
		issuers   func(context.Context) ([]cluster.Issuer, error)
		version   string
		arguments []string
		why       string
	}{
		"kube-apiserver ends at once": {issuers: none, arguments: []string{"--no-such-flag"}, why: "unknown flag: --no-such-flag"},
		"its issuers never come":      {issuers: func(context.Context) ([]cluster.Issuer, error) { return nil, late }, why: late.Error()},
		"it has another version":      {issuers: none, version: "v0.0.1", why: "0.0.1 is asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			provider := cluster.NewProvider(cluster.Options{Assets: assets, Dir: dir, Issuers: test.issuers})
			provider.WithVersion(test.version)
			if _, err := provider.Create(t.Context(), test.arguments...); err == nil || !strings.Contains(err.Error(), test.why) {
				t.Errorf("got %v", err)
			}
			if left := processes(t, dir); len(left) > 0 {
				t.Errorf("these still run: %v", left)
			}
			if provider.Endpoint() != (cluster.Endpoint{}) {
				t.Errorf("it still leads to %+v", provider.Endpoint())
			}
		})
	}
}

// findAssets returns the programs, which `make prepare` has built.
func findAssets(t *testing.T) cluster.Assets {
	t.Helper()
	cacheDir, err := provision.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	assets, err := provision.ControlPlane(t.Context(), cacheDir, progress.To(os.Stderr))
	if err != nil {
		t.Fatal(err)
	}
	return assets
}

// newSide prepares a side. The first has its directory from its owner and its
// programs by options; the second makes its own, and is told a path and a version.
func newSide(t *testing.T, assets cluster.Assets, name string) *side {
	t.Helper()
	authority, err := pki.NewAuthority(name)
	if err != nil {
		t.Fatal(err)
	}
	trusted := newIssuer(t, authority)
	options := cluster.Options{
		Authority: authority,
		Issuers:   func(context.Context) ([]cluster.Issuer, error) { return []cluster.Issuer{trusted.declared}, nil },
	}
	provider, err := cluster.ByName(cluster.Local)
	if err != nil {
		t.Fatal(err)
	}
	if name == "first" {
		options.Assets, options.Dir = assets, t.TempDir()
		provider = provider.WithOpts(cluster.WithOptions(options))
	} else {
		provider = provider.WithOpts(cluster.WithOptions(options)).WithPath(filepath.Dir(assets.APIServer)).WithVersion("v" + assets.APIServerVersion)
	}
	provider = provider.WithName(name)
	t.Cleanup(func() {
		if err := provider.Destroy(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return &side{provider: provider, issuer: trusted, authority: authority}
}

func (s *side) create(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if _, err := s.provider.Create(ctx); err != nil {
		return err
	}
	s.endpoint = s.provider.(*cluster.Provider).Endpoint()
	var err error
	s.connected, err = cluster.Connect(s.endpoint)
	if err != nil {
		return err
	}
	return s.connected.Apply(ctx, rbac.FS, "*.yaml")
}

func checkInterface(t *testing.T, s *side) {
	client, err := klient.New(s.provider.KubernetesRestConfig())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.provider.WaitForControlPlane(t.Context(), client); err != nil {
		t.Error(err)
	}
	if again, err := s.provider.Create(t.Context()); err != nil || again != s.endpoint.Kubeconfig {
		t.Errorf("created again, it has the kubeconfig %q, %v", again, err)
	}
	if path, err := s.provider.GenerateKubeconfig(); err != nil || path != s.provider.GetKubeconfig() {
		t.Errorf("it makes the kubeconfig %q, %v", path, err)
	}
	if _, err := s.provider.GenerateKubeconfig("--internal"); err == nil || !strings.Contains(err.Error(), "--internal") {
		t.Errorf("an argument for the kubeconfig: got %v", err)
	}
	content, err := os.ReadFile(s.provider.GetKubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "current-context: "+s.provider.GetKubectlContext()+"\n") {
		t.Errorf("the kubeconfig has another context than %s", s.provider.GetKubectlContext())
	}
	version := regexp.MustCompile(`^\d+\.\d+\.\d+`)
	if !version.MatchString(s.endpoint.Version) || !version.MatchString(s.endpoint.EtcdVersion) {
		t.Errorf("they say that they are versions %q and %q", s.endpoint.Version, s.endpoint.EtcdVersion)
	}
}

func checkRights(t *testing.T, s *side) {
	// Once more: what is there already is no error.
	if err := s.connected.Apply(t.Context(), rbac.FS, "*.yaml"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		group   string
		asked   cluster.Attributes
		allowed bool
	}{
		{"developers", cluster.Attributes{Verb: "list", Resource: "nodes"}, true},
		{"developers", cluster.Attributes{Verb: "create", Group: "apps", Resource: "deployments", Namespace: "default"}, true},
		{"developers", cluster.Attributes{Verb: "delete", Resource: "nodes", Name: "n"}, false},
		{"cluster-admins", cluster.Attributes{Verb: "delete", Resource: "nodes", Name: "n"}, true},
		{"cluster-admins", cluster.Attributes{Verb: "get", Path: "/metrics"}, true},
		{"others", cluster.Attributes{Verb: "list", Resource: "nodes"}, false},
		{"others", cluster.Attributes{Verb: "get", Path: "/metrics"}, false},
	} {
		allowed, err := s.connected.Allowed(t.Context(), "someone", []string{test.group}, test.asked)
		if err != nil || allowed != test.allowed {
			t.Errorf("%s: %+v: allowed %t, %v", test.group, test.asked, allowed, err)
		}
	}
}

func checkNamespace(t *testing.T, s *side) {
	const name = "short-lived"
	// Twice: a name is free again when DeleteNamespace returns.
	for range 2 {
		if err := s.connected.CreateNamespace(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		if err := s.connected.DeleteNamespace(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.connected.DeleteNamespace(t.Context(), name); err != nil {
		t.Errorf("one that is gone already: %v", err)
	}
}

func checkAudit(t *testing.T, s *side) {
	const auditID, canary = "11111111-2222-4333-8444-555555555555", "canary-0123456789"
	log, err := cluster.OpenAudit(s.endpoint.AuditLog)
	if err != nil {
		t.Fatal(err)
	}
	client, err := rest.HTTPClientFor(s.provider.KubernetesRestConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		s.endpoint.URL+"/api/v1/namespaces/headlamp/serviceaccounts/headlamp?access_token="+canary, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Audit-ID", auditID)
	request.Header.Set("Impersonate-User", "alice")
	request.Header.Set("Impersonate-Group", "developers")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	// It is there as soon as it is answered: nothing to wait for.
	events, err := log.Read(func(event cluster.AuditEvent) bool { return event.AuditID == auditID })
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 1 {
		t.Fatalf("the audit log has %d events of a request that was answered %s", len(events), response.Status)
	}
	event := events[0]
	if event.Code != response.StatusCode || event.Code != http.StatusOK || event.Verb != "get" || event.Resource != "serviceaccounts" ||
		event.Namespace != "headlamp" || event.Name != "headlamp" || event.Stage != "ResponseComplete" ||
		event.User != "conformance-admin" || event.ImpersonatedUser != "alice" || strings.Contains(event.RequestURI, canary) {
		t.Errorf("a request that was answered %s is kept as %+v", response.Status, event)
	}
}

func checkExport(t *testing.T, s *side) {
	dir := filepath.Join(t.TempDir(), "logs")
	if err := s.provider.ExportLogs(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for name, holds := range map[string]string{"etcd.log": "", "kube-apiserver.log": "Serving securely", "audit.log": `"auditID"`} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.Contains(string(content), holds) {
			t.Errorf("%s does not hold %q: %v", name, holds, err)
		}
	}
}

func checkTokens(t *testing.T, first, second *side) {
	for _, test := range []struct {
		at     *side
		issuer *issuer
		known  bool
	}{{first, first.issuer, true}, {second, second.issuer, true}, {first, second.issuer, false}, {second, first.issuer, false}} {
		at := test.at.provider.GetKubectlContext()
		if test.known {
			// The API server fetches an issuer's keys after it is ready.
			user := awaitAccepted(t, test.at.connected, test.issuer.token(t, "alice", "developers"))
			if user.Username != "alice" || !strings.Contains(strings.Join(user.Groups, " "), "developers") {
				t.Errorf("at the %s, alice of the developers is %+v", at, user)
			}
			continue
		}
		user, err := test.at.connected.WhoAmI(t.Context(), test.issuer.token(t, "alice", "developers"))
		if !apierrors.IsUnauthorized(err) {
			t.Errorf("at the %s, a token of an issuer that it was not told of is of %+v, %v", at, user, err)
		}
	}
}

// checkDestroy destroys one side and looks for what it left.
func (s *side) checkDestroy(t *testing.T) {
	t.Helper()
	dir := filepath.Dir(s.endpoint.Kubeconfig)
	running := processes(t, dir)
	var taken []int
	for _, match := range regexp.MustCompile(`127\.0\.0\.1:(\d+)|--secure-port=(\d+)`).FindAllStringSubmatch(strings.Join(running, " "), -1) {
		port, err := strconv.Atoi(match[1] + match[2])
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, port)
	}
	if len(running) != 2 || len(taken) < 3 {
		t.Fatalf("%d programs with %d ports run in %s", len(running), len(taken), dir)
	}
	for range 2 {
		if err := s.provider.Destroy(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if left := processes(t, dir); len(left) > 0 {
		t.Errorf("these still run: %v", left)
	}
	for _, port := range taken {
		lease, err := ports.TakePort(port)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := lease.Release(); err != nil {
			t.Error(err)
		}
	}
	_, err := os.Stat(dir)
	if owned := s.provider.GetKubectlContext() == "second"; owned != errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory of the %s: %v", s.provider.GetKubectlContext(), err)
	}
}

// processes returns the command lines of the processes that were given a path
// below dir (proc(5), /proc/pid/cmdline).
func processes(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		// One that cannot be read has just ended.
		if content, err := os.ReadFile(file); err == nil && strings.Contains(string(content), dir+"/") {
			found = append(found, strings.ReplaceAll(string(content), "\x00", " "))
		}
	}
	return found
}
