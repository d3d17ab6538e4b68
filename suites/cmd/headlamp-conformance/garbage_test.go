package main

import (
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/diff"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/matrix"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/baselines"
)

// mostForGarbage is more memory than the command takes to refuse something, with the
// race detector too, and less than the largest file of these tests.
const mostForGarbage = 400 << 20

// tooMuch is the size of a file that no run writes.
const tooMuch = 1 << 30

// garbage is what somebody may have at the place where a run's file should be.
type garbage struct {
	// put puts it there. dir is empty, and exists.
	put func(t *testing.T, dir, file string)
	say string
	// change is of the command line, as root reads everything otherwise.
	change string
}

// content is garbage that is a file with this content.
func content(content, say string) garbage {
	return garbage{say: say, put: func(t *testing.T, dir, file string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}}
}

// anywhere is the garbage that is none for any of the files that a run writes.
func anywhere() map[string]garbage {
	return map[string]garbage{
		"a directory without it": {say: "no such file or directory", put: func(*testing.T, string, string) {}},
		"a file of a gigabyte": {say: "which no run writes", put: func(t *testing.T, dir, file string) {
			t.Helper()
			path := filepath.Join(dir, file)
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			// It takes no room.
			if err := os.Truncate(path, tooMuch); err != nil {
				t.Fatal(err)
			}
		}},
		"what never ends": {say: "which no run writes", put: func(t *testing.T, dir, file string) {
			t.Helper()
			if err := os.Symlink("/dev/zero", filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
		}},
		"a directory in its place": {say: "is a directory", put: func(t *testing.T, dir, file string) {
			t.Helper()
			if err := os.Mkdir(filepath.Join(dir, file), 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		"a link to itself": {say: "too many levels of symbolic links", put: func(t *testing.T, dir, file string) {
			t.Helper()
			if err := os.Symlink(file, filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
		}},
		"a directory that is a link to itself": {say: "too many levels of symbolic links", put: func(t *testing.T, dir, _ string) {
			t.Helper()
			if err := os.Remove(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Base(dir), dir); err != nil {
				t.Fatal(err)
			}
		}},
		"a directory that cannot be read": {
			say: "permission denied", change: `exec setpriv --bounding-set=-dac_override,-dac_read_search "$0" "$@"`,
			put: func(t *testing.T, dir, _ string) {
				t.Helper()
				if err := os.Chmod(dir, 0); err != nil {
					t.Fatal(err)
				}
			},
		},
	}
}

// refused runs a command line on garbage, and checks that it is refused in words.
func (g garbage) refused(t *testing.T, file string, arguments func(dir string) []string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "given")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	g.put(t, dir, file)
	line := commandLine{arguments: arguments(dir)}
	if os.Geteuid() == 0 {
		line.change = g.change
	}
	got := line.run(t)
	if got.code != exitUsage || got.stdout != "" {
		t.Errorf("exit code %d; it said %q", got.code, got.stdout)
	}
	contains(t, got.stderr, "headlamp-conformance: ", dir, g.say, "give a directory that ", " --report-dir")
	for _, inside := range []string{"panic", "goroutine", "unmarshal", "main.", "struct", "error converting"} {
		if strings.Contains(got.stderr, inside) {
			t.Errorf("it speaks of its inside: %s", got.stderr)
		}
	}
	if strings.Count(got.stderr, "\n") != 1 {
		t.Errorf("one mistake is not one line: %s", got.stderr)
	}
	if got.mostMemory > mostForGarbage {
		t.Errorf("it took %d MB of memory", got.mostMemory>>20)
	}
}

func TestGarbageForAReportIsRefused(t *testing.T) {
	t.Parallel()
	stored, _ := baselines.Find("v0.45.0")
	whole := string(stored)
	all := anywhere()
	for name, more := range map[string]garbage{
		"empty":             content("", "it is empty"),
		"words":             content("to be written\n", "it is a text, and a report has fields"),
		"binary":            content("\x7fELF\x02\x01\x01\x00\x00", "control characters are not allowed"),
		"not in UTF-8":      content("a: \xff\xfe\n", "it is broken"),
		"foreign":           content("apiVersion: v1\nkind: ConfigMap\n", `it is a "ConfigMap" of "v1"`),
		"newer":             content(strings.Replace(whole, report.APIVersion, "headlamp-conformance/v2", 1), `it is of "headlamp-conformance/v2"`),
		"broken off":        content(whole[:len(whole)/2], "it "),
		"changed by hand":   content(strings.Replace(whole, "verdict: passed", "verdict: splendid", 1), `the verdict "splendid"`),
		"of another form":   content(whole+"scenarios: 5\n", "it is broken"),
		"ever more aliases": content("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n", "it is broken"),
		"deep":              content(strings.Repeat("[", 100_000), "it is broken"),
	} {
		all[name] = more
	}
	for name, given := range all {
		for command, arguments := range map[string]func(dir string) []string{
			"diff, old": func(dir string) []string { return []string{"diff", dir, "v0.45.0"} },
			"diff, new": func(dir string) []string { return []string{"diff", "v0.45.0", dir, "-o", "json"} },
			"matrix":    func(dir string) []string { return []string{"matrix", "v0.45.0", dir} },
		} {
			t.Run(name+", "+command, func(t *testing.T) {
				t.Parallel()
				given.refused(t, report.FileName, arguments)
			})
		}
	}
}

func TestGarbageForARunsRecordIsRefused(t *testing.T) {
	t.Parallel()
	record, err := os.ReadFile(filepath.Join(saveKilledRun(t), savedRunFile))
	if err != nil {
		t.Fatal(err)
	}
	whole := string(record)
	all := anywhere()
	for name, more := range map[string]garbage{
		"empty":                   content("", "it is no JSON, or breaks off"),
		"binary":                  content("\x7fELF\x02\x01\x01\x00\x00", "it is no JSON, or breaks off"),
		"broken off":              content(whole[:len(whole)/2], "it is no JSON, or breaks off"),
		"of another form":         content(`{"planned": "tomorrow"}`, "it has a JSON string where no run writes one"),
		"foreign":                 content(`{"name": "left-pad"}`, "names no version"),
		"newer":                   content(strings.Replace(whole, `"version": 1`, `"version": 2`, 1), "has the version 2, and this program reads 1"),
		"without a dashboard":     content(`{"version": 1, "planned": [{"key": "login/popup"}]}`, "names no dashboard"),
		"with evidence elsewhere": content(strings.Replace(whole, `"key": "login/popup"`, `"key": "../../etc"`, 1), `outside of its directory: "../../etc"`),
		"with a scenario twice":   content(strings.Replace(whole, `"key": "login/pkce"`, `"key": "login/popup"`, 1), `the scenario "login/popup" twice`),
	} {
		all[name] = more
	}
	for name, given := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			given.refused(t, savedRunFile, func(dir string) []string { return []string{"judge", dir} })
		})
	}
}

func TestAStoredReportThatBreaksOffAnywhereIsRefused(t *testing.T) {
	t.Parallel()
	for _, version := range baselines.Versions() {
		whole, _ := baselines.Find(version)
		path := filepath.Join(t.TempDir(), report.FileName)
		for range 20 {
			end := rand.IntN(len(whole) - 1)
			if err := os.WriteFile(path, whole[:end], 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := loadReport(path); err == nil || !strings.Contains(err.Error(), path) || strings.ContainsRune(err.Error(), '\n') {
				t.Errorf("%d bytes of %s, which has %d: %v", end, version, len(whole), err)
			}
		}
	}
}

// FuzzLoadReport puts other bytes into a real report: whatever that makes of it is
// refused in one line, or can be compared and drawn.
func FuzzLoadReport(f *testing.F) {
	stored, _ := baselines.Find("v0.45.0")
	f.Add(0, "apiVersion: headlamp-conformance/v2\n")
	f.Add(len(stored)/2, "\x00")
	f.Add(len(stored)-10, "scenarios: [null]\n")
	f.Add(len(stored), "date: 0001-01-01\n")
	f.Fuzz(func(t *testing.T, at int, bytes string) {
		at = max(0, min(at, len(stored)))
		path := filepath.Join(t.TempDir(), report.FileName)
		if err := os.WriteFile(path, append(append([]byte{}, stored[:at]...), bytes+string(stored[min(len(stored), at+len(bytes)):])...), 0o600); err != nil {
			t.Fatal(err)
		}
		read, err := loadReport(path)
		if err != nil {
			if strings.ContainsRune(err.Error(), '\n') || !strings.Contains(err.Error(), path) {
				t.Errorf("it is refused with %q", err)
			}
			return
		}
		drawn(t, read)
	})
}

// drawn compares a report with itself, and draws it, in every form.
func drawn(t *testing.T, read report.Report) {
	t.Helper()
	for _, output := range []string{"", "markdown", "json"} {
		write, err := diffWriter(output)
		if err != nil {
			t.Fatal(err)
		}
		if err := write(diff.Compare(read, read), io.Discard); err != nil {
			t.Error(err)
		}
	}
	for _, output := range []string{"", "markdown", "html"} {
		write, err := matrixWriter(output)
		if err != nil {
			t.Fatal(err)
		}
		if err := write(matrix.Of([]matrix.Named{{Name: "a", Report: read}, {Name: "b", Report: read}}), io.Discard); err != nil {
			t.Error(err)
		}
	}
}
