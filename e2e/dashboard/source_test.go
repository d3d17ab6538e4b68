package dashboard

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// usage is what an executable has to know to be taken for a headlamp-server.
const usage = "Usage of config:\n  -in-cluster\n    \tSet when running from a k8s cluster\n  -oidc-client-id string\n    \tClientID for OIDC\n"

// answering is a headlamp-server that tells its usage and its version.
func answering(usage, version string) string {
	return "#!/bin/sh\ncase $1 in\n-h) cat >&2 <<'END'\n" + usage + "END\nexit 2;;\n-version) echo '" + version + "';;\n*) exit 1;;\nesac\n"
}

// put writes files, by their path in a new directory, those named
// headlamp-server to be executed.
func put(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	// A child that was forked meanwhile would hold the file open for writing,
	// and nobody could execute it.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for name, content := range files {
		path := filepath.Join(dir, name)
		mode := os.FileMode(0o644)
		if name == "headlamp-server" {
			mode = 0o755
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestADirectoryThatIsNoDashboardIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	const page = "<html>"
	good := answering(usage, "Headlamp 0.45.0 (linux/amd64)")
	missing := filepath.Join(t.TempDir(), "missing")
	notExecutable := put(t, map[string]string{"headlamp-server": good, "frontend/index.html": page})
	if err := os.Chmod(filepath.Join(notExecutable, "headlamp-server"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		dir string
		say []string
	}{
		"missing":       {missing, []string{missing, "no such file or directory", "give a directory with headlamp-server and frontend/"}},
		"a file":        {filepath.Join(put(t, map[string]string{"file": ""}), "file"), []string{"is no directory", "give a directory"}},
		"empty":         {t.TempDir(), []string{"there is no headlamp-server", "copy /headlamp/headlamp-server out of a release image", "there is no frontend/index.html", "build the frontend"}},
		"no server":     {put(t, map[string]string{"frontend/index.html": page}), []string{"there is no headlamp-server"}},
		"no frontend":   {put(t, map[string]string{"headlamp-server": good}), []string{"there is no frontend/index.html"}},
		"no page":       {put(t, map[string]string{"headlamp-server": good, "frontend/main.js": ""}), []string{"there is no frontend/index.html"}},
		"no executable": {notExecutable, []string{"cannot be executed", "chmod +x " + filepath.Join(notExecutable, "headlamp-server")}},
		"a directory for a server": {
			put(t, map[string]string{"headlamp-server/x": "", "frontend/index.html": page}), []string{"headlamp-server is no file"},
		},
		"another program, and no frontend": {
			put(t, map[string]string{"headlamp-server": answering("usage: ls [FILE]\n", "")}),
			[]string{"-h does not tell the flags of a headlamp-server", "there is no frontend/index.html"},
		},
		"garbage for a binary": {
			put(t, map[string]string{"headlamp-server": "\x7fELF garbage", "frontend/index.html": page}),
			[]string{"exec format error", "give a headlamp-server that runs on this machine"},
		},
		"an interpreter that is missing": {
			put(t, map[string]string{"headlamp-server": "#!/missing/interpreter\n", "frontend/index.html": page}),
			[]string{"headlamp-server -h", "give a headlamp-server that runs on this machine"},
		},
		"garbage for an answer": {
			put(t, map[string]string{"headlamp-server": "#!/bin/sh\nhead -c 100000 /dev/urandom\n", "frontend/index.html": page}),
			[]string{"-h does not tell the flags of a headlamp-server"},
		},
		"an answer without an end": {
			put(t, map[string]string{"headlamp-server": "#!/bin/sh\nexec cat /dev/zero\n", "frontend/index.html": page}),
			[]string{"headlamp-server"},
		},
		"a server that dies": {
			put(t, map[string]string{"headlamp-server": "#!/bin/sh\nkill -9 $$\n", "frontend/index.html": page}),
			[]string{"-h does not tell the flags of a headlamp-server"},
		},
		"too old": {
			put(t, map[string]string{"headlamp-server": answering(usage+"  -version\n", "Headlamp 0.27.9"), "frontend/index.html": page}),
			[]string{"Headlamp v0.27.9", "v0.28.0 and later"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source, err := FromDirectory(t.Context(), row.dir)
			if err == nil {
				t.Fatalf("it is %+v", source)
			}
			for _, part := range row.say {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if len(err.Error()) > 1000 {
				t.Errorf("the error has %d characters", len(err.Error()))
			}
		})
	}
}

func TestAServerThatHangsIsGivenUpAndLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := put(t, map[string]string{
		"headlamp-server":     "#!/bin/sh\nsleep 1000 &\necho $! > \"$(dirname \"$0\")/child\"\nwait\n",
		"frontend/index.html": "",
	})
	begun := time.Now()
	_, err := FromDirectory(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "headlamp-server -h: it did not end within 10s") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(begun); took < askTimeout {
		t.Errorf("it was given up after %s", took)
	}
	id, err := os.ReadFile(filepath.Join(dir, "child"))
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strings.TrimSpace(string(id)) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("what it started still runs: %s", stat)
		}
	}
}

func TestADirectoryInTheMachinesRunIsRefused(t *testing.T) {
	t.Parallel()
	if err := CheckVisible("/var/run"); err == nil || !strings.Contains(err.Error(), "put it elsewhere") {
		t.Errorf("/var/run: %v", err)
	}
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("/var/run", link); err != nil {
		t.Fatal(err)
	}
	if _, err := FromDirectory(t.Context(), link); err == nil || !strings.Contains(err.Error(), "no replica of the dashboard can see") {
		t.Errorf("a link to it: %v", err)
	}
	for _, path := range []string{t.TempDir(), "/var", "/missing"} {
		if err := CheckVisible(path); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestTheVersionIsTheExecutablesElseThePages(t *testing.T) {
	t.Parallel()
	const bundle = `var a=1;const rn{VERSION:"0.39.0",GIT_VERSION:"42771446301235b7"};b("9.9.9")`
	for name, row := range map[string]struct {
		knows, answer string
		files         map[string]string
		want          string
	}{
		"told":                        {"version", "Headlamp 0.45.0 (linux/amd64)", nil, "0.45.0"},
		"told with a v":               {"version", "Headlamp v0.45.1-rc.1 (linux/amd64)", nil, "0.45.1-rc.1"},
		"told before the page's":      {"version", "Headlamp 0.45.0", map[string]string{"frontend/assets/index.js": bundle}, "0.45.0"},
		"unknown, and the page's":     {"version", "Headlamp unknown (linux/amd64)", map[string]string{"frontend/assets/index-BpYg.js": bundle}, "0.39.0"},
		"no such flag, the page's":    {"dev", "Headlamp 0.45.0", map[string]string{"frontend/assets/index.js": bundle}, "0.39.0"},
		"the former release's":        {"version", "Headlamp unknown", map[string]string{"frontend/a.js": `{VERSION:"0.41.0",GIT_VERSION:"d3fa396e4394f3492d6cff4f99a0cb3489485d6b"}`}, "0.42.0"},
		"in the second of two files":  {"version", "", map[string]string{"frontend/a.js": "x", "frontend/b.js": bundle}, "0.39.0"},
		"not in what is no script":    {"version", "", map[string]string{"frontend/a.txt": bundle}, Unknown},
		"another program's version":   {"version", "", map[string]string{"frontend/a.js": `VERSION:"1.2.3",OTHER:"x"`}, Unknown},
		"nowhere":                     {"version", "Headlamp unknown", nil, Unknown},
		"not among the log it writes": {"version", `{"level":"info","time":"2026-11-24T20:07:40Z"}`, nil, Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{
				"headlamp-server": answering(usage+"  -"+row.knows+"\n", row.answer), "frontend/index.html": "",
			}
			for path, content := range row.files {
				files[path] = content
			}
			source, err := FromDirectory(t.Context(), put(t, files))
			if err != nil {
				t.Fatal(err)
			}
			if source.Version != row.want || source.Name != Headlamp {
				t.Errorf("%s %s, want %s", source.Name, source.Version, row.want)
			}
		})
	}
}

func TestALabelSaysWhatAPersonWouldSay(t *testing.T) {
	t.Parallel()
	for want, source := range map[string]Source{
		"Headlamp v0.45.0":                {Name: Headlamp, Version: "0.45.0"},
		"Headlamp of an unknown version":  {Name: Headlamp, Version: Unknown},
		"the reference dashboard 1234567": {Name: Reference, Version: "1234567"},
	} {
		if got := source.Label(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
