package settings_test

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
)

// good are settings that nothing is wrong with, on a machine that is prepared.
func good(t *testing.T) settings.Settings {
	t.Helper()
	chosen := settings.Defaults()
	chosen.ReportDir = filepath.Join(t.TempDir(), "report")
	return chosen
}

// file makes an empty file.
func file(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// directory makes one with files, by their path.
func directory(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// takenPort is one that somebody listens on.
func takenPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().(*net.TCPAddr).Port
}

// freePort is a port that nobody held a moment ago.
func freePort(t *testing.T) int {
	t.Helper()
	lease, err := ports.Take()
	if err != nil {
		t.Fatal(err)
	}
	if err := lease.Release(); err != nil {
		t.Fatal(err)
	}
	return lease.Port
}

func TestTheDefaultsAreGoodOnAPreparedMachine(t *testing.T) {
	t.Parallel()
	chosen := good(t)
	resolved, err := chosen.Resolve(t.Context())
	if err != nil {
		t.Fatalf("%v\n(make prepare prepares a machine)", err)
	}
	if resolved.ReportDir != chosen.ReportDir || resolved.KeycloakVersion != keycloak.DefaultVersion || resolved.Dashboard.Name != "reference" ||
		resolved.Lifetime != 30*time.Second || resolved.Expiries != 3 {
		t.Errorf("got %+v", resolved)
	}
	if entries, err := os.ReadDir(chosen.ReportDir); err != nil || len(entries) != 1 || entries[0].Name() != ".headlamp-conformance" {
		t.Errorf("the report directory holds %v, %v", entries, err)
	}
}

func TestAMistakeIsSaidWithWhatToDo(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	below := filepath.Join(file(t), "below", "it")
	foreign := directory(t, "thesis.tex")
	page := directory(t, "frontend/index.html")
	unexecutable := directory(t, "headlamp-server", "frontend/index.html")
	for name, row := range map[string]struct {
		spoil func(*settings.Settings)
		say   []string
	}{
		"a missing directory": {
			func(s *settings.Settings) { s.Headlamp = missing }, []string{missing, "give a directory with headlamp-server and frontend/ in it"},
		},
		"a directory without a server": {
			func(s *settings.Settings) { s.Headlamp = page }, []string{"there is no headlamp-server in " + page, "release image"},
		},
		"a server that is no executable": {
			func(s *settings.Settings) { s.Headlamp = unexecutable }, []string{unexecutable, "chmod +x"},
		},
		"a file": {func(s *settings.Settings) { s.Headlamp = file(t) }, []string{"is no directory"}},
		"a release": {
			func(s *settings.Settings) { s.Headlamp = "v0.45.0" }, []string{"v0.45.0", "no release, image or address yet", "give a directory"},
		},
		"an identity mode that there is not": {
			func(s *settings.Settings) { s.Identity = "tokens" }, []string{`"tokens"`, "token, "},
		},
		"a lifetime under 20 s": {
			func(s *settings.Settings) { s.Lifetime = 19 * time.Second }, []string{"lifetime of 19s is too short", "give 20s or more"},
		},
		"a lifetime that Keycloak does not know": {
			func(s *settings.Settings) { s.Lifetime = 30500 * time.Millisecond }, []string{"lifetime of 30.5s", "give whole seconds"},
		},
		"no expiries":           {func(s *settings.Settings) { s.Expiries = 0 }, []string{"0 expiries", "give 1 or more"}},
		"no scenarios at once":  {func(s *settings.Settings) { s.Procs = 0 }, []string{"0 scenarios at once", "give 1 to 16"}},
		"more than have realms": {func(s *settings.Settings) { s.Procs = 17 }, []string{"17 scenarios at once", "give 1 to 16"}},
		"an unknown Keycloak": {
			func(s *settings.Settings) { s.KeycloakVersion = "1.2.3" }, []string{`Keycloak "1.2.3" is not known`, keycloak.DefaultVersion},
		},
		"a taken port": {
			func(s *settings.Settings) { s.KeycloakPort = takenPort(t) }, []string{"is taken", "give another, or 0 for a free one"},
		},
		"a number that is no port": {
			func(s *settings.Settings) { s.KeycloakPort = -1 }, []string{"-1 is no port", "between 1 and 65535"},
		},
		"no report directory": {func(s *settings.Settings) { s.ReportDir = "" }, []string{"no report directory", "--report-dir"}},
		"a report directory below a file": {
			func(s *settings.Settings) { s.ReportDir = below }, []string{"report directory", filepath.Dir(filepath.Dir(below)), "give another with --report-dir"},
		},
		"a report directory that cannot be made": {
			func(s *settings.Settings) { s.ReportDir = "/proc/1/report" }, []string{"report directory", "/proc/1", "give another with --report-dir"},
		},
		"a report directory that is a file": {
			func(s *settings.Settings) { s.ReportDir = filepath.Dir(filepath.Dir(below)) }, []string{"report directory", "not a directory", "--report-dir"},
		},
		"an impersonator of another mode": {
			func(s *settings.Settings) { s.Impersonator, s.TapPort = "https://127.0.0.1:1", freePort(t) }, []string{"identity mode proxy alone", "--identity proxy"},
		},
		"an impersonator without an address": {
			func(s *settings.Settings) {
				s.Identity, s.Impersonator, s.TapPort = "proxy", "http://127.0.0.1", freePort(t)
			},
			[]string{`"http://127.0.0.1"`, "https://127.0.0.1:8443"},
		},
		"an impersonator that cannot find the tap": {
			func(s *settings.Settings) { s.Identity, s.Impersonator = "proxy", "https://127.0.0.1:1" }, []string{"--tap-port", "0 is no port"},
		},
		"an impersonator whose authority is missing": {
			func(s *settings.Settings) {
				s.Identity, s.Impersonator, s.ImpersonatorCA, s.TapPort = "proxy", "https://127.0.0.1:1", missing, freePort(t)
			}, []string{"authority of the impersonator's certificate", missing},
		},
		"a tap's port without an impersonator": {
			func(s *settings.Settings) { s.TapPort = freePort(t) }, []string{"--tap-port", "name it with --impersonator"},
		},
		"somebody else's files": {
			func(s *settings.Settings) { s.ReportDir = foreign }, []string{foreign, "holds files that no run has written", "empty it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chosen := good(t)
			row.spoil(&chosen)
			_, err := chosen.Resolve(t.Context())
			var invalid *settings.InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("got %v", err)
			}
			if len(invalid.Mistakes) != 1 {
				t.Errorf("one mistake is %d: %v", len(invalid.Mistakes), err)
			}
			for _, part := range row.say {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if _, err := os.Lstat(filepath.Join(filepath.Dir(chosen.ReportDir), "report")); err == nil {
				t.Errorf("the report directory was made for nothing")
			}
		})
	}
}

func TestEveryMistakeIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	chosen := settings.Settings{
		Headlamp: t.TempDir(), Identity: "tokens", KeycloakVersion: "1.2.3", KeycloakPort: 70000,
		Lifetime: time.Second, Expiries: -1, ReportDir: filepath.Join(file(t), "below"), Procs: -1, Realms: 16,
	}
	_, err := chosen.Resolve(t.Context())
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	lines := strings.Split(err.Error(), "\n")
	for _, part := range []string{
		"headlamp-server", "frontend/index.html", "identity mode", "Keycloak", "70000 is no port", "lifetime", "expiries", "--report-dir", "scenarios at once",
	} {
		found := 0
		for _, line := range lines {
			if strings.Contains(line, part) {
				found++
			}
		}
		if found == 0 {
			t.Errorf("%q is not in\n%v", part, err)
		}
	}
	if len(lines) != 9 {
		t.Errorf("nine mistakes in %d lines:\n%v", len(lines), err)
	}
}

func TestARunsOwnReportDirectoryIsTakenAgain(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{
		"a run's":        directory(t, ".headlamp-conformance", "evidence/login/popup/spec.json"),
		"empty":          t.TempDir(),
		"not made yet":   filepath.Join(t.TempDir(), "a", "b", "c"),
		"the dot of one": directory(t, ".headlamp-conformance") + "/.",
	} {
		chosen := good(t)
		chosen.ReportDir = dir
		resolved, err := chosen.Resolve(t.Context())
		if err != nil || resolved.ReportDir != filepath.Clean(dir) {
			t.Errorf("%s: got %q, %v", name, resolved.ReportDir, err)
		}
	}
}

func TestAReportDirectoryThatIsReadOnlyIsRefused(t *testing.T) {
	t.Parallel()
	chosen := good(t)
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		t.Log("root may write everywhere: a directory of the kernel's stands in for one that is read-only")
		dir = "/proc/self"
	}
	chosen.ReportDir = filepath.Join(dir, "report")
	if _, err := chosen.Resolve(t.Context()); err == nil || !strings.Contains(err.Error(), "--report-dir") {
		t.Errorf("got %v", err)
	}
}

func TestAMachineWithoutItsProgramsIsRefused(t *testing.T) {
	chosen := good(t)
	t.Setenv("PATH", t.TempDir())
	t.Setenv("CHROME_BIN", "")
	_, err := chosen.Resolve(t.Context())
	var missing *provision.MissingError
	if !errors.As(err, &missing) {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"this machine lacks Chromium or Chrome, certutil", "Maven", "install with: apt-get update && apt-get install -y chromium libnss3-tools"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if _, err := os.Stat(chosen.ReportDir); err == nil {
		t.Error("the report directory was made for nothing")
	}
}

func TestACacheThatCannotBeWrittenIsRefused(t *testing.T) {
	chosen := good(t)
	t.Setenv(provision.CacheVariable, filepath.Join(file(t), "below"))
	if _, err := chosen.Resolve(t.Context()); err == nil || !strings.Contains(err.Error(), "name another with "+provision.CacheVariable) {
		t.Errorf("got %v", err)
	}
}

func TestATemporaryDirectoryThatNoReplicaSeesIsRefused(t *testing.T) {
	chosen := good(t)
	t.Setenv("TMPDIR", "/var/run")
	if _, err := chosen.Resolve(t.Context()); err == nil || !strings.Contains(err.Error(), "no replica of the dashboard can see") {
		t.Errorf("got %v", err)
	}
}

// resolveOn resolves the defaults where a shell command has changed the machine,
// in mounts of its own, and returns what is wrong.
func resolveOn(t *testing.T, change string, environment ...string) string {
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
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), "/bin/sh", "-ec", change+`; exec "$0"`, self)
	child.SysProcAttr = attributes
	child.Env = append(append(os.Environ(), reportVariable+"="+filepath.Join(t.TempDir(), "report")), environment...)
	output, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return strings.TrimSpace(string(output))
}

func TestACacheWithoutRoomIsRefusedBeforeAnythingIsStarted(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	got := resolveOn(t, "mount -t tmpfs -o size=1m tmpfs "+cache, provision.CacheVariable+"="+cache)
	for _, part := range []string{"MB free for the cache " + cache, "MB are needed", "free some, or put the cache elsewhere with " + provision.CacheVariable} {
		if !strings.Contains(got, part) {
			t.Errorf("%q does not say %q", got, part)
		}
	}
}

func TestAMachineWithoutJavaIsRefused(t *testing.T) {
	t.Parallel()
	got := resolveOn(t, "mkdir -p /usr/lib/jvm; mount -t tmpfs tmpfs /usr/lib/jvm; PATH="+t.TempDir()+"; export PATH", "JAVA_HOME=")
	if !strings.Contains(got, "Java 17 or later") || !strings.Contains(got, "openjdk-17-jre-headless") {
		t.Errorf("got %q", got)
	}
}
