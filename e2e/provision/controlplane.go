package provision

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
)

// AssetsVariable names the environment variable that points at a directory
// with etcd and kube-apiserver, as controller-runtime's envtest has it.
const AssetsVariable = "KUBEBUILDER_ASSETS"

// BuildSpace is what building the control plane takes for a while, Go's own
// build cache included, in bytes.
const BuildSpace = 4 << 30

var controlPlane = built{
	what: "the control plane", programs: "etcd and kube-apiserver",
	source: filepath.Join("fixtures", "controlplane"), cache: "controlplane", space: BuildSpace,
	otherwise: "point " + AssetsVariable + " at both",
	flags: func(ctx context.Context, source string) (string, error) {
		version, err := requiredVersion(ctx, source)
		return "-X k8s.io/component-base/version.gitVersion=" + version, err
	},
	finish: func(dir string) error {
		// Go names a program after its directory, which for etcd is "server".
		return os.Rename(filepath.Join(dir, "server"), filepath.Join(dir, "etcd"))
	},
}

// ControlPlane finds etcd and kube-apiserver where KUBEBUILDER_ASSETS points,
// or in the cache, or builds them from their Go modules.
func ControlPlane(ctx context.Context, cacheDir string, printer *progress.Printer) (cluster.Assets, error) {
	if dir := os.Getenv(AssetsVariable); dir != "" {
		return inspectGiven(ctx, dir)
	}
	dir, err := controlPlane.build(ctx, cacheDir, printer)
	if err != nil {
		return cluster.Assets{}, err
	}
	return inspect(ctx, dir)
}

// ControlPlaneSpace is what it takes for a while to make the control plane, in
// bytes, and 0 when it is there. It fails when it is not, and cannot be made.
func ControlPlaneSpace(ctx context.Context, cacheDir string) (uint64, error) {
	if dir := os.Getenv(AssetsVariable); dir != "" {
		_, err := inspectGiven(ctx, dir)
		return 0, err
	}
	return controlPlane.spaceNeeded(cacheDir)
}

// inspectGiven asks the programs in a directory that the user has named.
func inspectGiven(ctx context.Context, dir string) (cluster.Assets, error) {
	assets, err := inspect(ctx, dir)
	if err != nil {
		return cluster.Assets{}, fmt.Errorf("%s=%s: %w; unset it to have both built", AssetsVariable, dir, err)
	}
	return assets, nil
}

func requiredVersion(ctx context.Context, source string) (string, error) {
	output, err := goCommand(ctx, source, "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes").Output()
	if err != nil {
		return "", fmt.Errorf("find out the version of k8s.io/kubernetes in %s: %w; install Go, or point %s at etcd and kube-apiserver", source, err, AssetsVariable)
	}
	return strings.TrimSpace(string(output)), nil
}

var (
	etcdVersion      = regexp.MustCompile(`etcd Version: (\S+)`)
	apiServerVersion = regexp.MustCompile(`Kubernetes v(\S+)`)
)

// inspect asks both programs for their versions.
func inspect(ctx context.Context, dir string) (cluster.Assets, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	assets := cluster.Assets{Etcd: filepath.Join(dir, "etcd"), APIServer: filepath.Join(dir, "kube-apiserver")}
	ask := func(path string, pattern *regexp.Regexp) (string, error) {
		output, err := exec.CommandContext(ctx, path, "--version").CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("run %s --version: %w", path, err)
		}
		match := pattern.FindSubmatch(output)
		if match == nil {
			return "", fmt.Errorf("%s --version tells no version", path)
		}
		return string(match[1]), nil
	}
	var etcdErr, apiServerErr error
	assets.EtcdVersion, etcdErr = ask(assets.Etcd, etcdVersion)
	assets.APIServerVersion, apiServerErr = ask(assets.APIServer, apiServerVersion)
	return assets, errors.Join(etcdErr, apiServerErr)
}
