package main

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
)

// put writes an empty file into a new directory and returns the directory.
func put(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// dashboardOf is a directory whose headlamp-server is a shell script.
func dashboardOf(t *testing.T, script string) string {
	t.Helper()
	dir := put(t, "frontend/index.html")
	putProgram(t, filepath.Join(dir, "headlamp-server"), script)
	return dir
}

func takenPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

func TestBadInputIsRefusedWithWhatToDoBeforeAnythingIsStarted(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	file := filepath.Join(put(t, "file"), "file")
	foreign := put(t, "thesis.tex")
	unexecutable := put(t, "headlamp-server", "frontend/index.html")
	cache := t.TempDir()
	for name, row := range map[string]struct {
		line commandLine
		say  []string
	}{
		"a missing directory": {
			commandLine{arguments: []string{"run", "--headlamp", missing}}, []string{missing, "give a directory with headlamp-server and frontend/"},
		},
		"a directory without server and frontend": {
			commandLine{arguments: []string{"run", "--headlamp", t.TempDir()}},
			[]string{"there is no headlamp-server", "there is no frontend/index.html", "release image"},
		},
		"a server that is no executable": {
			commandLine{arguments: []string{"run", "--headlamp", unexecutable}}, []string{unexecutable, "chmod +x"},
		},
		"a server that is another program": {
			commandLine{arguments: []string{"run", "--headlamp", dashboardOf(t, "echo garbage")}}, []string{"does not tell the flags of a headlamp-server"},
		},
		"a server that hangs": {
			commandLine{arguments: []string{"run", "--headlamp", dashboardOf(t, "sleep 1000")}}, []string{"did not end within 10s"},
		},
		"an unknown identity mode": {
			commandLine{arguments: []string{"run", "--identity", "tokens"}}, []string{`"tokens"`, "token, "},
		},
		"a lifetime under 20 s": {
			commandLine{arguments: []string{"run", "--lifetime", "19s"}}, []string{"19s is too short", "give 20s or more"},
		},
		"a lifetime that is none": {
			commandLine{arguments: []string{"run", "--lifetime", "soon"}}, []string{`--lifetime "soon"`, "no duration", "as 30s or 1m30s"},
		},
		"a lifetime without a unit": {
			commandLine{arguments: []string{"up", "--lifetime", "30"}}, []string{`--lifetime "30"`, "a number with its unit"},
		},
		"a number in words": {
			commandLine{arguments: []string{"run", "--procs", "two"}}, []string{`--procs "two"`, "no whole number", "as 8"},
		},
		"a number with a point": {
			commandLine{arguments: []string{"self-test", "--healthy", "1.5"}}, []string{`--healthy "1.5"`, "no whole number", "as 1"},
		},
		"a number of too many digits": {
			commandLine{arguments: []string{"up", "--tap-port", "99999999999999999999"}}, []string{"--tap-port", "too many digits"},
		},
		"a number in words for a stand that is up": {
			commandLine{arguments: []string{"run", "--stand", missing, "--procs", "two"}}, []string{`--procs "two"`, missing},
		},
		"a choice that is none": {
			commandLine{arguments: []string{"run", "--strict=perhaps"}}, []string{`--strict "perhaps"`, "neither true nor false"},
		},
		"a choice that is none, of a command that starts nothing": {
			commandLine{arguments: []string{"judge", "--strict=perhaps", "."}}, []string{`--strict "perhaps"`, "neither true nor false"},
		},
		"a list that is none": {
			commandLine{arguments: []string{"doctor", "--scopes", `a"`}}, []string{`--scopes "a\""`, "names with commas"},
		},
		"a flag without its value": {commandLine{arguments: []string{"run", "--procs"}}, []string{"--procs", "'headlamp-conformance run --help' lists the flags"}},
		"no expiries":              {commandLine{arguments: []string{"run", "--expiries", "0"}}, []string{"0 expiries", "give 1 or more"}},
		"an unknown Keycloak": {
			commandLine{arguments: []string{"run", "--keycloak-version", "1.2.3"}}, []string{`"1.2.3"`, strings.Join(keycloak.Versions, ", ")},
		},
		"a taken port": {
			commandLine{arguments: []string{"run", "--keycloak-port", takenPort(t)}}, []string{"is taken", "give another, or 0 for a free one"},
		},
		"a bad label filter": {
			commandLine{arguments: []string{"run", "--label-filter", "session &&"}}, []string{`"session &&"`, "label filter"},
		},
		"a label filter that fits nothing": {
			commandLine{arguments: []string{"run", "--label-filter", "sesion"}}, []string{`"sesion"`, "'list' shows the scenarios"},
		},
		"a report directory below a file": {
			commandLine{arguments: []string{"run", "--report-dir", filepath.Join(file, "report")}}, []string{file, "give another with --report-dir"},
		},
		"somebody else's files for a report": {
			commandLine{arguments: []string{"run", "--report-dir", foreign}}, []string{foreign, "no run has written", "--report-dir"},
		},
		"no Chromium": {
			commandLine{arguments: []string{"run"}, environment: []string{"PATH=" + t.TempDir(), "CHROME_BIN="}},
			[]string{"this machine lacks Chromium or Chrome", "apt-get install -y chromium"},
		},
		"no Java": {
			commandLine{
				arguments: []string{"run"}, environment: []string{"JAVA_HOME="},
				change: "mkdir -p /usr/lib/jvm; mount -t tmpfs tmpfs /usr/lib/jvm; PATH=" + t.TempDir() + "; export PATH",
			},
			[]string{"Java 17 or later", "openjdk-17-jre-headless"},
		},
		"no room in the cache": {
			commandLine{
				arguments: []string{"run"}, environment: []string{provision.CacheVariable + "=" + cache},
				change: "mount -t tmpfs -o size=1m tmpfs " + cache,
			},
			[]string{"MB free for the cache " + cache, "free some, or put the cache elsewhere with " + provision.CacheVariable},
		},
		"a cache that cannot be made": {
			commandLine{arguments: []string{"run"}, environment: []string{provision.CacheVariable + "=" + filepath.Join(file, "cache")}},
			[]string{file, "name another with " + provision.CacheVariable},
		},
		"no control plane": {
			commandLine{arguments: []string{"run"}, environment: []string{provision.AssetsVariable + "=" + missing}},
			[]string{provision.AssetsVariable + "=" + missing, "unset it to have both built"},
		},
		"a stand that is not up": {
			commandLine{arguments: []string{"run", "--stand", missing}}, []string{missing, "bring a stand up with 'up'"},
		},
		"a stand that is none": {commandLine{arguments: []string{"run", "--stand", file}}, []string{file, "descriptor"}},
		"up":                   {commandLine{arguments: []string{"up", "--lifetime", "1s"}}, []string{"give 20s or more"}},
		"a dashboard whose name is empty": {
			commandLine{arguments: []string{"up", "--headlamp", ""}}, []string{"--headlamp is given and empty"},
		},
		"an unknown Keycloak to prepare": {
			commandLine{arguments: []string{"prepare", "--keycloak-version", "1.2.3"}}, []string{`"1.2.3"`, strings.Join(keycloak.Versions, ", ")},
		},
		"a fault that there is not": {
			commandLine{arguments: []string{"self-test", "--fault", "refresh-nevr"}}, []string{`no fault "refresh-nevr"; nearest are: refresh-never, `, "the program that faults are planted in"},
		},
		"a scenario that there is not": {
			commandLine{arguments: []string{"self-test", "--scenario", "login/popup,session/popup"}}, []string{`no scenario "session/popup"; nearest are: login/popup, `, "'list' shows all"},
		},
		"a scenario of which nothing can be said with a fault": {
			commandLine{arguments: []string{"self-test", "--scenario", "session/restart", "--fault", "issuer-blocked", "--healthy", "0"}},
			[]string{"nothing can be said of session/restart while issuer-blocked is planted"},
		},
		"an unknown command": {commandLine{arguments: []string{"rnu"}}, []string{`unknown command "rnu"`}},
		"an unknown flag":    {commandLine{arguments: []string{"run", "--headlamps", "x"}}, []string{"unknown flag: --headlamps", "run --help' lists the flags"}},
		"an unknown flag for all": {
			commandLine{arguments: []string{"--headlamps"}}, []string{"unknown flag: --headlamps"},
		},
		"one argument too many": {commandLine{arguments: []string{"run", "./headlamp"}}, []string{"./headlamp"}},
		"an unknown output":     {commandLine{arguments: []string{"list", "-o", "yaml"}}, []string{`"yaml"`, "json"}},
		"nothing to examine": {
			commandLine{arguments: []string{"doctor", "--username", "dev", "--ca-file", missing}},
			[]string{"--issuer is missing", "--client-id is missing", "--redirect-uri is missing", "--password-file go together", missing},
		},
		"no certificate": {
			commandLine{arguments: []string{"doctor", "--dashboard", "https://127.0.0.1:9", "--ca-file", file}}, []string{"give a PEM file"},
		},
		"a dashboard that is not there": {
			commandLine{arguments: []string{"doctor", "--dashboard", "https://127.0.0.1:9"}}, []string{"where it sends who signs in", "connection refused"},
		},
		"nothing to judge": {commandLine{arguments: []string{"judge"}}, []string{"judge takes one directory"}},
		"one report alone": {commandLine{arguments: []string{"diff", missing}}, []string{"diff takes two reports", "not 1"}},
		"no report":        {commandLine{arguments: []string{"matrix"}}, []string{"matrix takes one report or more"}},
		"reports that are none": {
			commandLine{arguments: []string{"matrix", missing, foreign, "-o", "xml"}}, []string{missing, foreign, "--report-dir", `"xml"`, "markdown"},
		},
		"an option of a run for a table of reports": {
			commandLine{arguments: []string{"matrix", "v0.45.0", "--procs", "2"}}, []string{"--procs is about runs", "--headlamp"},
		},
		"a dashboard without a name in a matrix": {
			commandLine{arguments: []string{"matrix", "--headlamp", ""}}, []string{"--headlamp is given and empty"},
		},
		"two reports that are none": {
			commandLine{arguments: []string{"diff", missing, foreign, "-o", "xml"}}, []string{missing, foreign, "--report-dir", `"xml"`, "markdown"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			report := filepath.Join(t.TempDir(), "report")
			if command := row.line.arguments[0]; command == "run" || command == "up" || command == "self-test" {
				// In front of the row's own, which counts.
				row.line.arguments = append([]string{command, "--report-dir", report}, row.line.arguments[1:]...)
			}
			got := row.line.run(t)
			if got.code != exitUsage {
				t.Errorf("exit code %d, want %d; it said %q", got.code, exitUsage, got.stdout)
			}
			contains(t, got.stderr, append(row.say, "headlamp-conformance: ")...)
			if lines := strings.Count(got.stderr, "\n"); lines > 5 {
				t.Errorf("one mistake takes %d lines: %s", lines, got.stderr)
			}
			if got.stdout != "" {
				t.Errorf("it began: %q", got.stdout)
			}
			if strings.Contains(got.stderr, "strconv.") {
				t.Errorf("it speaks of its inside: %s", got.stderr)
			}
		})
	}
}

func TestAllMistakesOfAMatrixAreSaidAtOnce(t *testing.T) {
	t.Parallel()
	missing, empty := filepath.Join(t.TempDir(), "missing"), t.TempDir()
	got := commandLine{arguments: []string{
		"matrix", "--procs", "two", "--headlamp", missing, "--headlamp", empty, "--headlamp", empty, "--lifetime", "1s", "--label-filter", "&&",
		"--report-dir", put(t, "thesis.tex"), "-o", "html", filepath.Join(missing, "report"),
	}}.run(t)
	if got.code != exitUsage || got.stdout != "" {
		t.Errorf("exit code %d; it said %q", got.code, got.stdout)
	}
	contains(t, got.stderr, `--procs "two"`, missing, "frontend/index.html in "+empty, "is given twice", "lifetime of 1s", `label filter "&&"`,
		"no run has written", "leave out --output", filepath.Join(missing, "report"))
}

func TestAllMistakesOfACommandLineAreSaidAtOnce(t *testing.T) {
	t.Parallel()
	got := commandLine{arguments: []string{
		"run", "--headlamp", t.TempDir(), "--identity", "token", "--keycloak-version", "1.2.3", "--keycloak-port", takenPort(t), "--lifetime", "1s",
		"--expiries", "0", "--procs", "0", "--label-filter", "&&", "--report-dir", filepath.Join(put(t, "file"), "file"),
	}}.run(t)
	if got.code != exitUsage {
		t.Errorf("exit code %d", got.code)
	}
	contains(t, got.stderr, "headlamp-server", "frontend/index.html", "1.2.3", "is taken", "lifetime of 1s", "0 expiries",
		"0 scenarios at once", `label filter "&&"`, "--report-dir")
}

func TestMistakesInNumbersAreSaidWithTheOthersAndOnceEach(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string][]string{
		"run":       {"run", "--keycloak-port", "x", "--headlamp", ""},
		"up":        {"up", "--keycloak-port", "x", "--headlamp", t.TempDir()},
		"matrix":    {"matrix", "--headlamp", t.TempDir(), "--procs", "many"},
		"self-test": {"self-test", "--procs", "many", "--thin", "x", "--turn", "x", "--must-pass", "x", "--healthy", "x", "--fault", "no-such-fault"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := commandLine{arguments: append(arguments, "--lifetime", "long", "--expiries", "few", "--report-dir", put(t, "thesis.tex"))}.run(t)
			if got.code != exitUsage || got.stdout != "" {
				t.Errorf("exit code %d; it said %q", got.code, got.stdout)
			}
			contains(t, got.stderr, `--lifetime "long"`, `--expiries "few"`, "no run has written")
			// What was refused counts as not given, not as nothing.
			for _, other := range []string{"is too short", "expiries show nothing", "at once cannot be", "is no port"} {
				if strings.Contains(got.stderr, other) {
					t.Errorf("a mistake is said twice: %s", got.stderr)
				}
			}
			for _, argument := range arguments {
				if flag, given := strings.CutPrefix(argument, "--"); given && !strings.Contains(got.stderr, flag) {
					t.Errorf("nothing is said of %s: %s", argument, got.stderr)
				}
			}
		})
	}
}
