package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
)

// accountPath is where client-go looks for a Pod's service account
// (k8s.io/client-go/rest, InClusterConfig).
const accountPath = "/var/run/secrets/kubernetes.io/serviceaccount"

// The names under which this program is called to prepare a private mount
// namespace and then become the dashboard, and to be one that only shows that
// this works.
const (
	isolateName = "headlamp-conformance-isolate"
	trialName   = "headlamp-conformance-isolate-trial"
)

// trialVariable is set in a trial, so that a program which does not call Isolate
// tries no further.
const trialVariable = "HEADLAMP_CONFORMANCE_ISOLATE_TRIAL"

// Isolate turns this process into the dashboard when it was called to, and
// returns at once when it was not. The first thing that main and TestMain do.
//
// It runs inside a new mount namespace: the mounts are seen by this process and
// its children alone, and vanish with them.
func Isolate() {
	switch filepath.Base(os.Args[0]) {
	case isolateName:
		err := becomeDashboard(os.Args[1:])
		fmt.Fprintf(os.Stderr, "prepare a private mount namespace for the dashboard: %v\n", err)
		os.Exit(1)
	case guideName:
		err := keepFarEnds(strings.Join(os.Args[1:], ""), os.NewFile(3, "ready"))
		fmt.Fprintf(os.Stderr, "keep the ways through the dashboard's network: %v\n", err)
		os.Exit(1)
	case trialName:
		os.Exit(0)
	}
}

// becomeDashboard takes the account's directory, the ways into a network of its own
// or nothing, the executable, the name that it is called by, and its arguments. It
// returns only when something failed.
func becomeDashboard(arguments []string) error {
	if len(arguments) < 4 {
		return errors.New("the account's directory, the ways, the executable and its name are missing")
	}
	account, through, executable := arguments[0], arguments[1], arguments[2]
	// Nothing that happens here may travel back to the machine.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make the mounts private: %w", err)
	}
	// The account's files are read before /run is covered: they may lie there.
	source, err := unix.Open(account, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", account, err)
	}
	run, err := realRun()
	if err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", run, "tmpfs", 0, "mode=0755,size=1m"); err != nil {
		return fmt.Errorf("cover %s: %w", run, err)
	}
	if err := os.MkdirAll(accountPath, 0o755); err != nil {
		return fmt.Errorf("make %s: %w", accountPath, err)
	}
	if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", source), accountPath, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("put the account's files in place: %w", err)
	}
	if through != "" {
		if err := furnishNetwork(through); err != nil {
			return err
		}
	}
	return syscall.Exec(executable, arguments[3:], os.Environ())
}

// inPrivate makes a command start through Isolate in a mount namespace of its own,
// and, where there are ways through it, in a network namespace of its own.
func inPrivate(command *process.Command, accountDir string, through *ways) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	encoded := ""
	command.Attributes = newNamespaces(0)
	if through != nil {
		content, err := json.Marshal(through)
		if err != nil {
			return fmt.Errorf("encode the ways into a replica's network: %w", err)
		}
		encoded = string(content)
		command.Attributes = newNamespaces(unix.CLONE_NEWNET)
	}
	command.Args = append([]string{accountDir, encoded, command.Path, command.Argv0}, command.Args...)
	command.Path, command.Argv0 = self, isolateName
	return nil
}

// newNamespaces are a mount namespace and others, with a user namespace around them
// when we are not root.
func newNamespaces(others uintptr) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | others}
	if os.Geteuid() != 0 {
		attributes.Cloneflags |= unix.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	return attributes
}

// realRun is the directory that /var/run stands for.
func realRun() (string, error) {
	run, err := filepath.EvalSymlinks("/var/run")
	if err != nil {
		return "", fmt.Errorf("find /var/run: %w", err)
	}
	return run, nil
}

// CheckVisible refuses a path that no replica could see: each has a /var/run of
// its own.
func CheckVisible(path string) error {
	run, err := realRun()
	if err != nil {
		return err
	}
	// What is missing is somebody else's to say.
	if real, err := filepath.EvalSymlinks(path); err == nil && (real == run || strings.HasPrefix(real, run+"/")) {
		return fmt.Errorf("%s lies in %s, which no replica of the dashboard can see: each has one of its own; put it elsewhere", path, run)
	}
	return nil
}

// CanIsolate says whether this machine lets us start a dashboard in a private
// mount namespace, and if not, what to do about it. It does all of it, once: a
// machine may allow the namespace and refuse the mounts in it.
func CanIsolate(ctx context.Context) error {
	return tryToIsolate(ctx, "a private mount namespace", "", 0)
}

// CanIsolateNetwork is CanIsolate for a dashboard that has to have a network of its
// own, too.
func CanIsolateNetwork(ctx context.Context) error {
	noWays, err := json.Marshal(ways{})
	if err != nil {
		return fmt.Errorf("try a private network namespace: %w", err)
	}
	return tryToIsolate(ctx, "a private network namespace, in which one has to be that listens on every address", string(noWays), unix.CLONE_NEWNET)
}

func tryToIsolate(ctx context.Context, where, through string, namespaces uintptr) error {
	if os.Getenv(trialVariable) != "" {
		return errors.New("start a dashboard in a private mount namespace: this program does not call dashboard.Isolate first")
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, askTimeout, fmt.Errorf("not within %s", askTimeout))
	defer cancel()
	// Any directory will do for the service account's.
	trial := exec.CommandContext(ctx, self, filepath.Dir(self), through, self, trialName)
	trial.Args[0] = isolateName
	trial.Env = append(os.Environ(), trialVariable+"=1")
	trial.SysProcAttr = newNamespaces(namespaces)
	if output, err := trial.CombinedOutput(); err != nil {
		return fmt.Errorf("start a dashboard in %s: %w: %s; run as root, or allow user namespaces "+
			"(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0)",
			where, errors.Join(context.Cause(ctx), err), bytes.TrimSpace(output))
	}
	return nil
}
