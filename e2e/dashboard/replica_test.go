package dashboard

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
)

// startReplica starts the test binary as a dashboard.
func startReplica(t *testing.T, name, token string) *Replica {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	lease, err := ports.Take()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lease.Release() })
	source := Source{
		Name: Headlamp, Version: Unknown, Executable: self, CalledAs: testName,
		Flags: map[string]bool{"listen-addr": true, "port": true, "in-cluster-context-name": true},
	}
	dir := t.TempDir()
	settings := asked
	settings.BaseURL = "" // the test binary knows none
	settings.Name, settings.Dir, settings.LogDir = name, filepath.Join(dir, "replica"), filepath.Join(dir, "logs")
	settings.Address, settings.Port = "127.0.0.1", lease.Port
	settings.APIServerHost, settings.APIServerPort = "127.0.0.3", 6443
	settings.Account = Account{Token: token, CA: []byte("authority of " + name), Namespace: "headlamp"}
	replica, err := source.Start(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := replica.Stop(); err != nil {
			t.Error(err)
		}
	})
	return replica
}

func whatItSees(t *testing.T, replica *Replica) seen {
	t.Helper()
	response, err := http.Get(replica.URL.JoinPath("seen").String())
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var found seen
	if err := json.NewDecoder(response.Body).Decode(&found); err != nil {
		t.Fatal(err)
	}
	return found
}

// machinesRun is what lies in the machine's /var/run where a service account
// would, and what is mounted there.
func machinesRun(t *testing.T) string {
	t.Helper()
	run, err := realRun()
	if err != nil {
		t.Fatal(err)
	}
	mountinfo, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	var state strings.Builder
	for line := range strings.Lines(string(mountinfo)) {
		if strings.Contains(line, " "+run+" ") || strings.Contains(line, " "+run+"/secrets") {
			state.WriteString(line)
		}
	}
	for _, path := range []string{filepath.Join(run, "secrets"), accountPath, filepath.Join(accountPath, "token")} {
		content, err := os.ReadFile(path)
		state.WriteString(path + ": " + string(content))
		if err != nil {
			state.WriteString(err.Error())
		}
		state.WriteString("\n")
	}
	return state.String()
}

func TestAReplicaSeesItsOwnServiceAccountAndTheMachineNone(t *testing.T) {
	t.Parallel()
	if err := CanIsolate(t.Context()); err != nil {
		t.Skipf("NOT SHOWN: %v", err)
	}
	before := machinesRun(t)
	one, two := startReplica(t, "one", "token-one"), startReplica(t, "two", "token-two")
	for name, replica := range map[string]*Replica{"one": one, "two": two} {
		found := whatItSees(t, replica)
		want := map[string]string{"token": "token-" + name, "ca.crt": "authority of " + name, "namespace": "headlamp"}
		for file, content := range want {
			if found.Account[file] != content {
				t.Errorf("%s: %s is %q, want %q", name, file, found.Account[file], content)
			}
		}
		if !slices.Equal(found.Run, []string{"secrets"}) {
			t.Errorf("%s sees of /var/run: %q", name, found.Run)
		}
		for _, variable := range []string{"KUBERNETES_SERVICE_HOST=127.0.0.3", "KUBERNETES_SERVICE_PORT=6443", "HEADLAMP_CONFIG_OIDC_CLIENT_SECRET=canary-secret"} {
			if !slices.Contains(found.Env, variable) {
				t.Errorf("%s has no %s", name, variable)
			}
		}
		command, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(replica.PID()), "cmdline"))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(command, []byte("canary-secret")) || bytes.Contains(command, []byte("token-")) {
			t.Errorf("%s shows a secret to every user of the machine: %q", name, command)
		}
	}
	if running := machinesRun(t); running != before {
		t.Errorf("while they run, the machine has\n%s\nand had\n%s", running, before)
	}
	first := one.PID()
	if err := one.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if found := whatItSees(t, one); one.PID() == first || found.Account["token"] != "token-one" {
		t.Errorf("restarted: process %d after %d, sees %q", one.PID(), first, found.Account)
	}
	for _, replica := range []*Replica{one, two} {
		if err := replica.Stop(); err != nil {
			t.Error(err)
		}
		select {
		case <-replica.Done():
		default:
			t.Error("Stop returned while the replica runs")
		}
	}
	if after := machinesRun(t); after != before {
		t.Errorf("afterwards the machine has\n%s\nand had\n%s", after, before)
	}
}

// shown is the test that others run again, as somebody else or somewhere else.
const shown = "TestAReplicaSeesItsOwnServiceAccountAndTheMachineNone"

// showAgain runs that test in a process of its own, which command has become.
func showAgain(t *testing.T, command *exec.Cmd) {
	t.Helper()
	command.Args = append(command.Args, "-test.v", "-test.run", "^"+shown+"$")
	output, err := command.CombinedOutput()
	switch {
	case strings.Contains(string(output), "NOT SHOWN"):
		t.Skipf("NOT SHOWN: no private mounts here: %s", output)
	case err != nil || !strings.Contains(string(output), "--- PASS: "+shown):
		t.Errorf("%v\n%s", err, output)
	}
}

func TestAnOrdinaryUsersReplicaSeesItsOwnServiceAccount(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Log("this is an ordinary user: the test of the replicas has shown it")
		return
	}
	// The test binary lies where only root can go.
	home := t.TempDir()
	program := filepath.Join(home, "dashboard.test")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := copyProgram(self, program); err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	for _, dir := range []string{filepath.Dir(home), home} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	temp := filepath.Join(home, "temp")
	if err := os.Mkdir(temp, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(temp, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), program)
	child.Dir = temp
	child.Env = append(os.Environ(), "TMPDIR="+temp, "HOME="+temp)
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	showAgain(t, child)
}

func TestAReplicasMountsDoNotTravelBackToAMachineThatSharesItsMounts(t *testing.T) {
	t.Parallel()
	if err := CanIsolate(t.Context()); err != nil {
		t.Skipf("NOT SHOWN: %v", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// As systemd leaves a machine, and a container runtime does not.
	machine := exec.CommandContext(t.Context(), "/bin/sh", "-c", `mount --make-rshared / && exec "$0" "$@"`, self)
	machine.SysProcAttr = newNamespaces(0)
	showAgain(t, machine)
}

func copyProgram(from, to string) error {
	// Nobody else may hold it open for writing when it is executed.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	defer target.Close()
	_, err = io.Copy(target, source)
	return err
}

func TestADashboardThatCannotBeStartedSaysWhyAndIsGone(t *testing.T) {
	t.Parallel()
	if err := CanIsolate(t.Context()); err != nil {
		t.Skipf("NOT SHOWN: %v", err)
	}
	dir := t.TempDir()
	settings := asked
	settings.BaseURL = "" // the test binary knows none
	settings.Dir, settings.LogDir = filepath.Join(dir, "replica"), filepath.Join(dir, "logs")
	for name, row := range map[string]struct{ script, say string }{
		"missing": {"", "prepare a private mount namespace for the dashboard: no such file or directory"},
		"dies":    {"#!/bin/sh\necho panic: no service account; exit 2\n", "panic: no service account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := settings
			settings.Name = name
			path := filepath.Join(dir, "missing")
			if row.script != "" {
				path = filepath.Join(put(t, map[string]string{"headlamp-server": row.script}), "headlamp-server")
			}
			_, err := Source{Name: Headlamp, Executable: path}.Start(t.Context(), settings)
			if err == nil || !strings.Contains(err.Error(), name+" ended before it was ready") || !strings.Contains(err.Error(), row.say) {
				t.Errorf("got %v", err)
			}
		})
	}
}
