package provision

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
)

// Nothing here is parallel: the machine is what the environment says.

const (
	java21  = "#!/bin/sh\necho 'openjdk version \"21.0.4\" 2024-07-16' >&2\n"
	java11  = "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n"
	working = "#!/bin/sh\n"
)

// machineWith makes a machine that has these programs and no others, by name.
func machineWith(t *testing.T, programs map[string]string) (bin string) {
	t.Helper()
	bin = filepath.Join(t.TempDir(), "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	// A child that was forked meanwhile would hold the file open for writing,
	// and nobody could execute it.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for name, content := range programs {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	t.Setenv("CHROME_BIN", "")
	t.Setenv("JAVA_HOME", "")
	before := javaHomes
	t.Cleanup(func() { javaHomes = before })
	javaHomes = filepath.Join(filepath.Dir(bin), "jvm", "*", "bin", "java")
	return bin
}

func TestAWholeMachineLacksNothing(t *testing.T) {
	bin := machineWith(t, map[string]string{"chromium": working, "certutil": working, "java": java21, "mvn": working})
	if err := Check(); err != nil {
		t.Error(err)
	}
	tools, err := Machine(t.Context(), nil)
	want := Tools{
		Chromium: filepath.Join(bin, "chromium"), Certutil: filepath.Join(bin, "certutil"),
		Java: filepath.Join(bin, "java"), Maven: filepath.Join(bin, "mvn"),
	}
	if err != nil || tools != want {
		t.Errorf("got %+v, %v; want %+v", tools, err, want)
	}
}

func TestEverythingThatIsMissingIsSaidAtOnceWithOneLineToRun(t *testing.T) {
	machineWith(t, nil)
	_, machineErr := Machine(t.Context(), nil)
	for name, err := range map[string]error{"Check": Check(), "Machine": machineErr} {
		var missing *MissingError
		if !errors.As(err, &missing) {
			t.Fatalf("%s: got %v", name, err)
		}
		const want = "this machine lacks Chromium or Chrome, certutil, Java 17 or later, Maven; " +
			"install with: apt-get update && apt-get install -y chromium libnss3-tools openjdk-17-jre-headless maven"
		if err.Error() != want {
			t.Errorf("%s: got %q", name, err)
		}
	}
}

func TestWhatIsThereButDoesNotServeIsMissing(t *testing.T) {
	for name, row := range map[string]struct{ program, content, missing string }{
		"an old Java":              {"java", java11, "Java 17 or later"},
		"a Java without a version": {"java", working, "Java 17 or later"},
		"a Java that fails":        {"java", "#!/bin/sh\nexit 1\n", "Java 17 or later"},
		"a browser that is a stub": {"chromium", "#!/bin/sh\necho 'Please run: snap install chromium'; exit 1\n", "Chromium or Chrome"},
	} {
		t.Run(name, func(t *testing.T) {
			programs := map[string]string{"chromium": working, "certutil": working, "java": java21, "mvn": working}
			programs[row.program] = row.content
			machineWith(t, programs)
			var missing *MissingError
			if err := Check(); !errors.As(err, &missing) || len(missing.What) != 1 || missing.What[0] != row.missing {
				t.Errorf("got %v, want %s alone", err, row.missing)
			}
		})
	}
}

func TestABrowserAndAJavaThatTheUserNamedComeFirst(t *testing.T) {
	bin := machineWith(t, map[string]string{
		"chromium": working, "chosen": working, "certutil": working, "java": java11, "mvn": working,
	})
	t.Setenv("CHROME_BIN", filepath.Join(bin, "chosen"))
	home := filepath.Join(filepath.Dir(bin), "jvm", "java-21", "bin")
	if err := os.MkdirAll(home, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "java"), []byte(java21), 0o755); err != nil {
		t.Fatal(err)
	}
	tools, err := Machine(t.Context(), nil)
	if err != nil || tools.Chromium != filepath.Join(bin, "chosen") || tools.Java != filepath.Join(home, "java") {
		t.Errorf("got %+v, %v", tools, err)
	}
	t.Setenv("CHROME_BIN", filepath.Join(bin, "missing"))
	t.Setenv("JAVA_HOME", filepath.Join(bin, "missing"))
	for _, err := range []error{Check(), machineError(t)} {
		var chosen *ChosenError
		if !errors.As(err, &chosen) || !strings.Contains(err.Error(), "CHROME_BIN="+bin) || !strings.Contains(err.Error(), "JAVA_HOME="+bin) {
			t.Errorf("named, and not there: %v", err)
		}
	}
}

func machineError(t *testing.T) error {
	t.Helper()
	_, err := Machine(t.Context(), nil)
	return err
}

// asRoot skips what an installer needs.
func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("NOT SHOWN: only root may install, or who has sudo")
	}
}

func TestWhatIsMissingIsInstalledWhereThatIsAllowed(t *testing.T) {
	asRoot(t)
	const apt = `#!/bin/sh
case "$*" in
update*) ;;
*openjdk-17*) echo "E: Unable to locate package" >&2; exit 100 ;;
*default-jre*) printf '#!/bin/sh\necho "version \\"21.0.1\\""\n' > "${0%/*}/java"; /bin/chmod +x "${0%/*}/java" ;;
*) exit 1 ;;
esac
`
	bin := machineWith(t, map[string]string{"apt-get": apt, "chromium": working, "certutil": working, "mvn": working})
	if err := Check(); err != nil {
		t.Errorf("what can be installed is no mistake: %v", err)
	}
	var said bytes.Buffer
	tools, err := Machine(t.Context(), progress.To(&said))
	if err != nil || tools.Java != filepath.Join(bin, "java") {
		t.Fatalf("got %+v, %v", tools, err)
	}
	for _, line := range []string{"update the package lists: done", "install openjdk-17-jre-headless (Java 17 or later): failed", "install default-jre-headless (Java 17 or later): done"} {
		if !strings.Contains(said.String(), line) {
			t.Errorf("%q does not say %q", said.String(), line)
		}
	}
}

func TestAnInstallationThatFailsSaysWhatIsMissingAndWhy(t *testing.T) {
	asRoot(t)
	for name, row := range map[string]struct{ apt, why string }{
		"no lists":             {"#!/bin/sh\necho 'E: no network'; exit 100\n", "E: no network"},
		"no package":           {"#!/bin/sh\ncase $1 in update) ;; *) echo 'E: Unable to locate'; exit 100;; esac\n", "E: Unable to locate"},
		"a package without it": {working, ""},
	} {
		t.Run(name, func(t *testing.T) {
			machineWith(t, map[string]string{"apt-get": row.apt, "certutil": working, "java": java21, "mvn": working})
			_, err := Machine(t.Context(), nil)
			var missing *MissingError
			if !errors.As(err, &missing) || !strings.Contains(err.Error(), row.why) || !strings.Contains(missing.How, "chromium") {
				t.Errorf("got %v", err)
			}
		})
	}
}
