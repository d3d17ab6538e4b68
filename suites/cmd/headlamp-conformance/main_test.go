package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
)

// commandVariable makes the test binary the command.
const commandVariable = "COMMAND_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(commandVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// patience is the longest that a command line of these tests may take.
const patience = 2 * time.Minute

// ended is how a command line ended.
type ended struct {
	code           int
	stdout, stderr string
	mostMemory     int64 // in bytes, at its peak
}

// commandLine runs the command as a person does, with a temporary directory of
// its own, on a control plane that it takes for a real one. It checks that
// nothing is left.
type commandLine struct {
	arguments   []string
	environment []string
	// change is a shell command that changes the machine for this command line
	// alone, in mounts of its own; empty changes nothing.
	change string
}

func (c commandLine) run(t *testing.T) ended {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, self, c.arguments...)
	if c.change != "" {
		command = exec.CommandContext(ctx, "/bin/sh", append([]string{"-ec", c.change + `; exec "$0" "$@"`, self}, c.arguments...)...)
		command.SysProcAttr = ownMounts(t)
	}
	temp, work := t.TempDir(), t.TempDir()
	command.Dir = work
	command.Env = append(append(os.Environ(), commandVariable+"=1", "TMPDIR="+temp, provision.AssetsVariable+"="+fakeAssets(t)), c.environment...)
	command.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	// An exit code is no surprise; what else goes wrong shows as -1.
	_ = command.Run()
	result := ended{code: command.ProcessState.ExitCode(), stdout: stdout.String(), stderr: stderr.String()}
	if used, known := command.ProcessState.SysUsage().(*syscall.Rusage); known {
		result.mostMemory = used.Maxrss << 10
	}
	for _, dir := range []string{temp, work} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			t.Errorf("%s is left in %s", entry.Name(), dir)
		}
	}
	for _, process := range processesIn(t, temp) {
		t.Errorf("a process is left: %s", process)
	}
	return result
}

// processesIn returns the command lines of the processes whose temporary
// directory this is.
func processesIn(t *testing.T, temp string) []string {
	t.Helper()
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, path := range environments {
		// One that has ended since, or is another user's, is none of ours.
		content, err := os.ReadFile(path)
		if err == nil && bytes.Contains(content, []byte("TMPDIR="+temp+"\x00")) {
			line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

// ownMounts are the attributes of a process that may mount, and whose mounts the
// machine never sees. It skips the test where there is no such right.
func ownMounts(t *testing.T) *syscall.SysProcAttr {
	t.Helper()
	attributes := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		attributes.Cloneflags |= unix.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	trial := exec.Command("/bin/sh", "-c", "mount -t tmpfs trial /mnt || mount -t tmpfs trial /tmp")
	trial.SysProcAttr = attributes
	if output, err := trial.CombinedOutput(); err != nil {
		t.Skipf("NOT SHOWN: this user may not mount, not even in a user namespace: %v: %s", err, output)
	}
	return attributes
}

// fakeAssets are programs that tell a control plane's versions and do nothing
// else: no command line of these tests comes so far as to start them.
func fakeAssets(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	putProgram(t, filepath.Join(dir, "etcd"), "echo etcd Version: 3.7.0")
	putProgram(t, filepath.Join(dir, "kube-apiserver"), "echo Kubernetes v1.37.2")
	return dir
}

// putProgram writes a shell script.
func putProgram(t *testing.T, path, script string) {
	t.Helper()
	// A child that was forked meanwhile would hold the file open for writing,
	// and nobody could execute it.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}

// contains fails the test for every part that a text lacks.
func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
}
