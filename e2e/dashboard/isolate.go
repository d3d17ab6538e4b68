package dashboard

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
)

// accountPath is where client-go looks for a Pod's service account
// (k8s.io/client-go/rest, InClusterConfig).
const accountPath = "/var/run/secrets/kubernetes.io/serviceaccount"

// isolateName is the name under which this program is called to prepare a
// private mount namespace and then become the dashboard.
const isolateName = "headlamp-conformance-isolate"

// Isolate turns this process into the dashboard when it was called to, and
// returns at once when it was not. The first thing that main and TestMain do.
//
// It runs inside a new mount namespace: the mounts are seen by this process and
// its children alone, and vanish with them.
func Isolate() {
	if filepath.Base(os.Args[0]) != isolateName {
		return
	}
	err := becomeDashboard(os.Args[1:])
	fmt.Fprintf(os.Stderr, "prepare a private mount namespace for the dashboard: %v\n", err)
	os.Exit(1)
}

// becomeDashboard takes the account's directory, the executable, the name that
// it is called by, and its arguments. It returns only when something failed.
func becomeDashboard(arguments []string) error {
	if len(arguments) < 3 {
		return errors.New("the account's directory, the executable and its name are missing")
	}
	account, executable := arguments[0], arguments[1]
	// Nothing that happens here may travel back to the machine.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make the mounts private: %w", err)
	}
	// The account's files are read before /run is covered: they may lie there.
	source, err := unix.Open(account, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open %s: %w", account, err)
	}
	run, err := filepath.EvalSymlinks("/var/run")
	if err != nil {
		return fmt.Errorf("find /var/run: %w", err)
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
	return syscall.Exec(executable, arguments[2:], os.Environ())
}

// inPrivateMounts makes a command start through Isolate in a mount namespace
// of its own, with a user namespace around it when we are not root.
func inPrivateMounts(command *process.Command, accountDir string) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	command.Args = append([]string{accountDir, command.Path, command.Argv0}, command.Args...)
	command.Path, command.Argv0 = self, isolateName
	command.Attributes = newNamespaces()
	return nil
}

func newNamespaces() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		attributes.Cloneflags |= unix.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	return attributes
}

// CanIsolate says whether this machine lets us make private mount namespaces,
// and if not, what to do about it.
func CanIsolate() error {
	trial := exec.Command("/bin/true")
	trial.SysProcAttr = newNamespaces()
	if err := trial.Run(); err != nil {
		return fmt.Errorf("make a private mount namespace: %w; run as root, or allow user namespaces "+
			"(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0)", err)
	}
	return nil
}
