package keycloak

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// fakeMaven stands in for Maven: it copies an archive to where it is told to.
const fakeMaven = `#!/bin/sh
echo download >> '%[1]s'
for argument; do
	case "$argument" in -DoutputDirectory=*) dir="${argument#*=}" ;; esac
done
exec cp '%[2]s' "$dir/keycloak-quarkus-dist-` + DefaultVersion + `.zip"
`

// fakeKeycloak stands in for kc.sh: its database is a list of what it imported.
// Its Java is this test's program, see TestMain.
const fakeKeycloak = `#!/bin/sh
echo "$1" >> '%[1]s'
if [ "$1" = '%[2]s' ]; then
	echo "cannot $1"
	exit 1
fi
[ "$1" = start ] || exit 0
for argument; do
	case "$argument" in --http-port=*) port="${argument#*=}" ;; esac
done
ls "$HOME/data/import" > "$HOME/data/imported"
` + fakeVariable + `="$port" exec "$JAVA"
`

// fake is a cache and what is needed to fill it with nothing real.
type fake struct {
	options PrepareOptions
	calls   string // a file with a line for each call of a program
}

// newFake returns a fake whose kc.sh fails at one of its commands, or at none.
func newFake(t *testing.T, failing string) *fake {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	made := &fake{calls: filepath.Join(dir, "calls"), options: PrepareOptions{
		Version: DefaultVersion, CacheDir: filepath.Join(dir, "cache"), Realms: 2, Java: self, Maven: filepath.Join(dir, "mvn"),
	}}
	script := fmt.Sprintf(fakeKeycloak, made.calls, failing)
	distribution := archive(t, entry{"keycloak/bin/kc.sh", script, 0o755}, entry{"keycloak/lib/keycloak.jar", "", 0o644})
	if err := os.WriteFile(made.options.Maven, fmt.Appendf(nil, fakeMaven, made.calls, distribution), 0o700); err != nil {
		t.Fatal(err)
	}
	return made
}

// prepare prepares, and returns the programs that were called for it.
func (f *fake) prepare(t *testing.T) (prepared *Prepared, called []string, err error) {
	t.Helper()
	if err := os.WriteFile(f.calls, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	prepared, err = Prepare(t.Context(), f.options)
	content, readErr := os.ReadFile(f.calls)
	if readErr != nil {
		t.Fatal(readErr)
	}
	return prepared, strings.Fields(string(content)), err
}

func (f *fake) cached(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(f.options.CacheDir, "keycloak"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names
}

func TestWhatIsPreparedOnceIsThereForAll(t *testing.T) {
	t.Parallel()
	fake := newFake(t, "")
	var at errgroup.Group
	both := make([]*Prepared, 2)
	for i := range both {
		at.Go(func() (err error) {
			both[i], err = Prepare(context.Background(), fake.options)
			return err
		})
	}
	if err := at.Wait(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(fake.calls)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Fields(string(content)), []string{"download", "build", "start"}; !reflect.DeepEqual(got, want) {
		t.Errorf("two preparations at once call %v, want %v", got, want)
	}
	if !reflect.DeepEqual(both[0], both[1]) || !reflect.DeepEqual(both[0].realms, []string{"conformance-01", "conformance-02"}) {
		t.Errorf("got %v and %v", both[0].realms, both[1].realms)
	}
	for _, client := range []string{realm.Client, realm.Probe} {
		if len(both[0].secrets.Clients[client]) < 32 {
			t.Errorf("the client %s has a secret of %d characters", client, len(both[0].secrets.Clients[client]))
		}
	}
	imported, err := os.ReadFile(filepath.Join(both[0].data, "data", "imported"))
	if err != nil || string(imported) != "conformance-01-realm.json\nconformance-02-realm.json\ndistrusted-01-realm.json\ndistrusted-02-realm.json\nissuer-prefixed-01-realm.json\nissuer-prefixed-02-realm.json\n"+
		"prefixed-01-realm.json\nprefixed-02-realm.json\nundeclared-01-realm.json\nundeclared-02-realm.json\n" {
		t.Errorf("imported %q, %v", imported, err)
	}
	if _, called, err := fake.prepare(t); err != nil || len(called) > 0 {
		t.Errorf("prepared already, it calls %v, %v", called, err)
	}
}

func TestSecretsAreInOneFileOfThePreparation(t *testing.T) {
	t.Parallel()
	prepared, _, err := newFake(t, "").prepare(t)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files(t, filepath.Dir(prepared.data)) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		kept := filepath.Base(file) == secretsFile
		if kept && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %s", file, info.Mode())
		}
		for _, secret := range []string{prepared.secrets.Admin, prepared.secrets.Clients[realm.Client], prepared.secrets.Clients[realm.Probe], "PRIVATE KEY"} {
			if strings.Contains(string(content), secret) != (kept && secret != "PRIVATE KEY") {
				t.Errorf("%s: a secret is in the wrong place", file)
			}
		}
	}
}

// TestTheCacheIsKeyedByAllThatGoesIntoIt names what is in the cache: with
// another version, fixture or build option, something else is looked for.
func TestTheCacheIsKeyedByAllThatGoesIntoIt(t *testing.T) {
	t.Parallel()
	fake := newFake(t, "")
	prepared, _, err := fake.prepare(t)
	if err != nil {
		t.Fatal(err)
	}
	distribution := "distribution-" + DefaultVersion + "-" + digest([]byte(strings.Join(releases[DefaultVersion].buildOptions, " ")))
	realms := func(number int) string {
		names := "undeclared-01 undeclared-02 distrusted-01 distrusted-02 prefixed-01 prefixed-02 issuer-prefixed-01 issuer-prefixed-02 " + strings.Join(realm.Plain.Names(number), " ")
		return fmt.Sprintf("realms-%s-%d-%s", DefaultVersion, number, digest(realm.Template(), []byte(prepared.home), []byte(names)))
	}
	if got, want := fake.cached(t), []string{distribution, realms(2)}; !reflect.DeepEqual(got, want) {
		t.Errorf("the cache has %v, want %v", got, want)
	}
	fake.options.Realms = 3
	if _, called, err := fake.prepare(t); err != nil || !reflect.DeepEqual(called, []string{"start"}) {
		t.Errorf("one realm more takes %v, %v", called, err)
	}
	if got, want := fake.cached(t), []string{distribution, realms(2), realms(3)}; !reflect.DeepEqual(got, want) {
		t.Errorf("the cache has %v, want %v", got, want)
	}
}

func TestADigestChangesWithEachPart(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, parts := range [][]string{{"fixture", "home"}, {"fixture ", "home"}, {"fixture", "home "}, {"fixture"}, {"home", "fixture"}} {
		var raw [][]byte
		for _, part := range parts {
			raw = append(raw, []byte(part))
		}
		key := digest(raw...)
		if other, known := seen[key]; known {
			t.Errorf("%q and %q have one digest", parts, other)
		}
		seen[key] = strings.Join(parts, "|")
	}
}

func TestAPreparationThatFailsLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	for failing, test := range map[string]struct {
		left int // directories in the cache
		why  string
	}{
		"build": {0, "cannot build"},
		"start": {1, "cannot start"}, // the distribution is whole
	} {
		t.Run(failing, func(t *testing.T) {
			t.Parallel()
			fake := newFake(t, failing)
			_, called, err := fake.prepare(t)
			if err == nil || !strings.Contains(err.Error(), test.why) {
				t.Errorf("got %v", err)
			}
			left := fake.cached(t)
			if len(left) != test.left || slices.ContainsFunc(left, func(name string) bool { return strings.HasSuffix(name, unfinishedSuffix) }) {
				t.Errorf("the cache has %v", left)
			}
			if called[len(called)-1] != failing {
				t.Errorf("after %s failed, %v was called", failing, called)
			}
		})
	}
}

func TestADownloadThatFailsNamesTheCommand(t *testing.T) {
	t.Parallel()
	fake := newFake(t, "")
	if err := os.WriteFile(fake.options.Maven, []byte("#!/bin/sh\necho no route\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, _, err := fake.prepare(t)
	for _, word := range []string{fake.options.Maven + " -B", "keycloak-quarkus-dist:" + DefaultVersion, "no route"} {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%v does not say %q", err, word)
		}
	}
}

func TestWhatAKilledPreparationLeftIsRemoved(t *testing.T) {
	t.Parallel()
	fake := newFake(t, "")
	left := filepath.Join(fake.options.CacheDir, "keycloak", "realms-1-2-3"+unfinishedSuffix)
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := fake.prepare(t); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("%s: %v", left, err)
	}
}

func TestSecretsThatCannotBeReadAreNotQuoted(t *testing.T) {
	t.Parallel()
	fake := newFake(t, "")
	prepared, _, err := fake.prepare(t)
	if err != nil {
		t.Fatal(err)
	}
	broken, err := json.Marshal(map[string]any{"admin": 7, "clients": prepared.secrets.Admin})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(prepared.data, secretsFile), broken, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := fake.prepare(t); err == nil || strings.Contains(err.Error(), prepared.secrets.Admin) {
		t.Errorf("got %v", err)
	}
}
