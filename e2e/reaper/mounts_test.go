package reaper

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// mountNamespace are the attributes of a process that may mount, and whose
// mounts the machine never sees. It skips the test where there is no such right.
func mountNamespace(t *testing.T) *syscall.SysProcAttr {
	t.Helper()
	attributes := &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		attributes = userNamespace()
	}
	trial := exec.Command("/bin/sh", "-c", "mount -t tmpfs trial /mnt || mount -t tmpfs trial /tmp")
	trial.SysProcAttr = attributes
	if output, err := trial.CombinedOutput(); err != nil {
		t.Skipf("NOT SHOWN: this user may not mount, not even in a user namespace: %v: %s", err, output)
	}
	return attributes
}

// userNamespace is a mount namespace in a user namespace.
func userNamespace() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWNS | unix.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
	}
}

// ordinaryUser are the attributes of a process without rights: none for an
// ordinary user's test.
func ordinaryUser(t *testing.T) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	const nobody = 65534
	attributes := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	trial := exec.Command("/bin/true")
	trial.SysProcAttr = attributes
	if err := trial.Run(); err != nil {
		t.Skipf("NOT SHOWN: root may not become an ordinary user here: %v", err)
	}
	return attributes
}

// namespace runs a program in the mount namespace that it was started in, waits
// until nothing of it is left, and says what is mounted in the temporary
// directory then.
func namespace() int {
	err := errors.Join(becomeSubreaper(), unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	if err != nil {
		say("namespace failed: %v", err)
		return 1
	}
	program := play("program", nil)
	program.Stdin = os.Stdin
	if err := program.Start(); err != nil {
		say("namespace failed: %v", err)
		return 1
	}
	say("first %d", program.Process.Pid)
	for !childless() {
		time.Sleep(pollInterval)
	}
	mountinfo, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		say("namespace failed: %v", err)
		return 1
	}
	say("mounted: %q", mountsBelow(string(mountinfo), os.TempDir()))
	return 0
}

// mountIn mounts file systems in a directory, one in another, and a directory
// that is somebody else's.
func mountIn(dir, precious string) error {
	blank := filepath.Join(dir, "a blank\tname")
	nested := filepath.Join(blank, "nested")
	bound := filepath.Join(dir, "bound")
	return errors.Join(
		os.MkdirAll(blank, 0o755),
		unix.Mount("tmpfs", blank, "tmpfs", 0, ""),
		unix.Mount("tmpfs", blank, "tmpfs", 0, ""), // twice at one place
		os.MkdirAll(nested, 0o755),
		unix.Mount("tmpfs", nested, "tmpfs", 0, ""),
		os.MkdirAll(bound, 0o755),
		unix.Mount(precious, bound, "", unix.MS_BIND, ""),
	)
}

// preciousDirectory is one with a file that no test may lose.
func preciousDirectory(t *testing.T) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	file = filepath.Join(dir, "precious")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, file
}

func TestMountsBelowAnOwnedDirectoryAreGoneAndWhatTheyShowedStays(t *testing.T) {
	t.Parallel()
	attributes := mountNamespace(t)
	dir, file := preciousDirectory(t)
	for _, victim := range []string{"first", "reaper", "worker"} {
		run := plant(t, "namespace", attributes, mountVariable+"="+dir)
		run.hear()
		run.ready().kill(victim, syscall.SIGKILL)
		if code, said := run.gone(); code != 0 || !strings.HasSuffix(said, "mounted: []\n") {
			t.Errorf("kill -9 of the %s: exit code %d, said %q; stderr:\n%s", victim, code, said, run.complaints())
		}
		if _, err := os.Stat(file); err != nil {
			t.Fatalf("a file of somebody else's was removed through a mount: %v", err)
		}
	}
}

// locked binds a directory where a process in a user namespace of its own may
// not unmount it, and has that process remove what it lies in.
func locked() int {
	owned := filepath.Join(os.TempDir(), "owned")
	bound := filepath.Join(owned, "bound")
	err := errors.Join(
		unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""),
		os.MkdirAll(bound, 0o755),
		unix.Mount(os.Getenv(mountVariable), bound, "", unix.MS_BIND, ""),
	)
	if err != nil {
		say("locked failed: %v", err)
		return 1
	}
	if err := play("remover", userNamespace()).Run(); err != nil {
		say("remover: %v", err)
	}
	if err := errors.Join(unix.Unmount(bound, 0), remove(owned)); err != nil {
		say("locked failed: %v", err)
		return 1
	}
	return 0
}

// remover removes a directory as the reaper does, and says what it cannot.
func remover() int {
	if err := removeOwned(filepath.Join(os.TempDir(), "owned")); err != nil {
		say("%v", err)
	}
	return 0
}

func TestAMountThatStaysKeepsItsDirectory(t *testing.T) {
	t.Parallel()
	dir, file := preciousDirectory(t)
	attributes := mountNamespace(t)
	trial := exec.Command("/bin/true")
	trial.SysProcAttr = userNamespace()
	if err := trial.Run(); err != nil {
		t.Skipf("NOT SHOWN: no user namespace can be made here: %v", err)
	}
	code, said := plant(t, "locked", attributes, mountVariable+"="+dir).gone()
	if code != 0 || !strings.Contains(said, "something is mounted in it") {
		t.Errorf("exit code %d, said %q", code, said)
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("a file of somebody else's was removed through a mount: %v", err)
	}
}

// unreadable removes a directory with one in it that may not be looked into.
func unreadable() int {
	dir := filepath.Join(os.TempDir(), "owned")
	inner := filepath.Join(dir, "closed", "inner")
	err := errors.Join(os.MkdirAll(inner, 0o755), os.WriteFile(filepath.Join(inner, "file"), nil, 0o400),
		os.Chmod(inner, 0), os.Chmod(filepath.Dir(inner), 0))
	if err == nil && os.RemoveAll(dir) == nil {
		err = errors.New("it could be looked into all the same")
	}
	if err := errors.Join(err, remove(dir)); err != nil {
		say("%v", err)
		return 1
	}
	return 0
}

func TestMountinfosPathsAreReadAsTheyAre(t *testing.T) {
	t.Parallel()
	for written, path := range map[string]string{
		"/plain":              "/plain",
		`/a\040blank`:         "/a blank",
		`/tab\011and\012line`: "/tab\tand\nline",
		`/back\134slash`:      `/back\slash`,
		`/\134040`:            `/\040`, // a backslash and digits, no blank
		`/\134134`:            `/\134`,
		`/\999`:               `/\999`,
		"":                    "",
	} {
		if got := unescape(written); got != path {
			t.Errorf("%q is %q, want %q", written, got, path)
		}
	}
}

func TestMountsBelowAreThoseOfTheDirectoryAlone(t *testing.T) {
	t.Parallel()
	const mountinfo = `22 1 8:1 / / rw,relatime - ext4 /dev/root rw
23 22 0:21 / /run/own rw shared:2 - tmpfs tmpfs rw
24 23 0:22 / /run/own/deep/er rw - tmpfs tmpfs rw
25 23 0:23 / /run/own/a\040b rw - tmpfs tmpfs rw
26 25 0:24 / /run/own/a\040b rw - tmpfs tmpfs rw
27 22 0:25 / /run/owner rw - tmpfs tmpfs rw
28 22 0:26 / /run/own\040 rw - tmpfs tmpfs rw
short line
`
	want := []string{"/run/own/deep/er", "/run/own/a b", "/run/own/a b", "/run/own"}
	if got := mountsBelow(mountinfo, "/run/own"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// escape writes a path as the kernel does (seq_path in fs/seq_file.c).
var escape = strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`)

func FuzzMountsBelow(f *testing.F) {
	f.Add("/tmp/a b\t\n\\", "22 1 8:1 / / rw")
	f.Add(`/\040`, "")
	f.Fuzz(func(t *testing.T, path, other string) {
		path = "/" + path
		line := "1 2 3:4 / " + escape.Replace(path) + " rw - tmpfs tmpfs rw\n"
		// strings.Fields knows more blanks than the kernel escapes; a path with
		// one of those is no path of ours.
		if strings.ContainsAny(path, "\r\v\f\u0085\u00a0") || len(strings.Fields(line)) != 10 {
			return
		}
		if !slices.Contains(mountsBelow(other+"\n"+line, path), path) {
			t.Errorf("%q is not found in %q", path, line)
		}
	})
}
