package provision

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/filelock"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
)

// AssetsVariable names the environment variable that points at a directory
// with etcd and kube-apiserver, as controller-runtime's envtest has it.
const AssetsVariable = "KUBEBUILDER_ASSETS"

// BuildSpace is what building the control plane takes for a while, Go's own
// build cache included, in bytes.
const BuildSpace = 4 << 30

// module is where the control plane's build module lies in a checkout.
var module = filepath.Join("fixtures", "controlplane")

// ControlPlane finds etcd and kube-apiserver where KUBEBUILDER_ASSETS points,
// or in the cache, or builds them from their Go modules.
func ControlPlane(ctx context.Context, cacheDir string, printer *progress.Printer) (cluster.Assets, error) {
	if dir := os.Getenv(AssetsVariable); dir != "" {
		return inspectGiven(ctx, dir)
	}
	source, dir, err := place(cacheDir)
	if err != nil {
		return cluster.Assets{}, err
	}
	if err := buildOnce(ctx, source, filepath.Dir(dir), dir, printer); err != nil {
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
	_, dir, err := place(cacheDir)
	if err != nil {
		return 0, err
	}
	if _, err := os.Stat(dir); err == nil {
		return 0, nil
	}
	if _, err := exec.LookPath("go"); err != nil {
		return 0, fmt.Errorf("there is no Go to build etcd and kube-apiserver with: %w; install Go, or point %s at both", err, AssetsVariable)
	}
	return BuildSpace, nil
}

// place is the build module, and where in the cache its programs belong.
func place(cacheDir string) (source, dir string, err error) {
	source, err = findModule()
	if err != nil {
		return "", "", err
	}
	key, err := moduleDigest(source)
	if err != nil {
		return "", "", err
	}
	return source, filepath.Join(cacheDir, "controlplane", key), nil
}

// inspectGiven asks the programs in a directory that the user has named.
func inspectGiven(ctx context.Context, dir string) (cluster.Assets, error) {
	assets, err := inspect(ctx, dir)
	if err != nil {
		return cluster.Assets{}, fmt.Errorf("%s=%s: %w; unset it to have both built", AssetsVariable, dir, err)
	}
	return assets, nil
}

// buildOnce builds into dir, whole or not at all, unless somebody has.
func buildOnce(ctx context.Context, source, root, dir string, printer *progress.Printer) error {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return fmt.Errorf("make the cache for the control plane: %w", err)
	}
	lock, err := filelock.Take(ctx, filepath.Join(root, "lock"))
	if err != nil {
		return fmt.Errorf("wait for another build of the control plane: %w", err)
	}
	defer lock.Release()
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := CheckSpace(root, BuildSpace); err != nil {
		return err
	}
	unfinished := dir + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("remove what a killed build left: %w", err)
	}
	if err := os.MkdirAll(unfinished, 0o700); err != nil {
		return fmt.Errorf("make room in the cache: %w", err)
	}
	if err := compile(ctx, source, unfinished, printer); err != nil {
		return errors.Join(err, os.RemoveAll(unfinished))
	}
	// Go names a program after its directory, which for etcd is "server".
	if err := os.Rename(filepath.Join(unfinished, "server"), filepath.Join(unfinished, "etcd")); err != nil {
		return fmt.Errorf("name the built etcd: %w", err)
	}
	if err := os.Rename(unfinished, dir); err != nil {
		return fmt.Errorf("keep the control plane in the cache: %w", err)
	}
	return nil
}

// compile builds the module's tools, and tells how far it is.
func compile(ctx context.Context, source, dir string, printer *progress.Printer) (err error) {
	var compiled atomic.Int64
	total := 0
	done := printer.Step("build etcd and kube-apiserver from their Go modules (minutes, once)", func() string {
		return fmt.Sprintf("%d of %d packages", compiled.Load(), total)
	})
	defer func() { done(err) }()
	version, err := requiredVersion(ctx, source)
	if err != nil {
		return err
	}
	if listed, err := goCommand(ctx, source, "list", "-deps", "tool").Output(); err == nil {
		total = strings.Count(string(listed), "\n")
	}
	build := goCommand(ctx, source, "build", "-v", "-trimpath",
		"-ldflags=-s -w -X k8s.io/component-base/version.gitVersion="+version, "-o", dir+string(filepath.Separator), "tool")
	stderr, err := build.StderrPipe()
	if err != nil {
		return fmt.Errorf("build the control plane: %w", err)
	}
	if err := build.Start(); err != nil {
		return fmt.Errorf("build the control plane: %w; install Go, or point %s at etcd and kube-apiserver", err, AssetsVariable)
	}
	var last []string
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		compiled.Add(1)
		if last = append(last, lines.Text()); len(last) > 10 {
			last = last[1:]
		}
	}
	if err := build.Wait(); err != nil {
		return fmt.Errorf("build the control plane in %s: %w:\n%s", source, err, strings.Join(last, "\n"))
	}
	return nil
}

func requiredVersion(ctx context.Context, source string) (string, error) {
	output, err := goCommand(ctx, source, "list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes").Output()
	if err != nil {
		return "", fmt.Errorf("find out the version of k8s.io/kubernetes in %s: %w; install Go, or point %s at etcd and kube-apiserver", source, err, AssetsVariable)
	}
	return strings.TrimSpace(string(output)), nil
}

func goCommand(ctx context.Context, dir string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = dir
	// No workspace and no C: the programs are to be the same everywhere.
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	return command
}

// findModule looks for the build module upwards from this program and from the
// working directory.
func findModule() (string, error) {
	var starts []string
	if self, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(self))
	}
	if here, err := os.Getwd(); err == nil {
		starts = append(starts, here)
	}
	for _, start := range starts {
		for dir := start; ; dir = filepath.Dir(dir) {
			candidate := filepath.Join(dir, module)
			if _, err := os.Stat(filepath.Join(candidate, "go.mod")); err == nil {
				return candidate, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", fmt.Errorf("there is no %s above this program or the working directory, to build etcd and kube-apiserver from; "+
		"run from a checkout, or point %s at both", module, AssetsVariable)
}

func moduleDigest(source string) (string, error) {
	hash := sha256.New()
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return "", fmt.Errorf("read the control plane's build module: %w", err)
		}
		// A hash takes everything.
		_, _ = hash.Write(content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
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
