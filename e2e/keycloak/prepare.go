package keycloak

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/filelock"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

const (
	importTimeout = 10 * time.Minute
	stopGrace     = 20 * time.Second
	secretsFile   = "secrets.json"
)

// PrepareOptions say what is to be in the cache.
type PrepareOptions struct {
	Version  string
	CacheDir string
	Realms   int    // size of the pool, the few of other kinds apart
	Java     string // executable
	Maven    string // executable
	Progress *progress.Printer
}

// Prepared is a Keycloak in the cache, built and with its realms imported.
type Prepared struct {
	version string
	java    string
	home    string // the built distribution
	data    string // its database, with the realms
	realms  []string
	few     map[realm.Kind][]string // of the other kinds
	secrets secrets
}

// secrets are made with the realms and kept beside them.
type secrets struct {
	Admin   string            `json:"admin"`
	Clients map[string]string `json:"clients"`
}

// Prepare downloads and builds Keycloak and imports the realms, unless the
// cache has all that. Processes that prepare at once wait for each other.
func Prepare(ctx context.Context, options PrepareOptions) (*Prepared, error) {
	if err := Check(options.Version); err != nil {
		return nil, err
	}
	root := filepath.Join(options.CacheDir, "keycloak")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("make the cache for Keycloak: %w", err)
	}
	lock, err := filelock.Take(ctx, filepath.Join(root, "lock"))
	if err != nil {
		return nil, fmt.Errorf("wait for another preparation of Keycloak: %w", err)
	}
	defer lock.Release()
	if err := removeUnfinished(root); err != nil {
		return nil, err
	}
	prepared := &Prepared{version: options.Version, java: options.Java, realms: realm.Plain.Names(options.Realms), few: realm.Few()}
	prepared.home = filepath.Join(root, "distribution-"+options.Version+"-"+digest([]byte(strings.Join(releases[options.Version].buildOptions, " "))))
	err = finish(prepared.home, func(dir string) error { return prepared.makeDistribution(ctx, options, dir) })
	if err != nil {
		return nil, err
	}
	prepared.data = filepath.Join(root, fmt.Sprintf("realms-%s-%d-%s", options.Version, options.Realms, digest(realm.Template(), []byte(prepared.home), []byte(strings.Join(prepared.names(), " ")))))
	err = finish(prepared.data, func(dir string) error { return prepared.makeRealms(ctx, options, dir) })
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(prepared.data, secretsFile))
	if err != nil {
		return nil, fmt.Errorf("read the secrets of the prepared realms: %w", err)
	}
	if err := json.Unmarshal(content, &prepared.secrets); err != nil {
		return nil, fmt.Errorf("read the secrets of the prepared realms: %w", err)
	}
	return prepared, nil
}

// Libraries is the directory of the libraries that Keycloak was published with. Beside
// them lies what building it has made on this machine.
func (p *Prepared) Libraries() string { return filepath.Join(p.home, "lib", "lib") }

func (p *Prepared) makeDistribution(ctx context.Context, options PrepareOptions, dir string) (err error) {
	done := options.Progress.Step("download Keycloak "+options.Version+" and build it", nil)
	defer func() { done(err) }()
	archive, err := download(ctx, options.Maven, options.Version, dir)
	if err != nil {
		return err
	}
	if err := unpack(archive, dir); err != nil {
		return err
	}
	if err := os.Remove(archive); err != nil {
		return fmt.Errorf("remove the unpacked distribution's archive: %w", err)
	}
	return build(ctx, options.Java, dir, releases[p.version].buildOptions)
}

// makeRealms starts Keycloak once, has it import the realms, and stops it: the
// database that it leaves is copied for each run.
func (p *Prepared) makeRealms(ctx context.Context, options PrepareOptions, dir string) (err error) {
	done := options.Progress.Step(fmt.Sprintf("import %d realms into Keycloak", len(p.names())), nil)
	defer func() { done(err) }()
	made := secrets{
		Admin: newSecret().Reveal(),
		Clients: map[string]string{
			realm.Client: newSecret().Reveal(), realm.Probe: newSecret().Reveal(),
		},
	}
	home := filepath.Join(dir, "home")
	if err := linkHome(p.home, home); err != nil {
		return err
	}
	imports := filepath.Join(home, "data", "import")
	if err := os.MkdirAll(imports, 0o700); err != nil {
		return fmt.Errorf("make the import directory: %w", err)
	}
	for _, name := range p.names() {
		content, err := realm.Render(name, made.Clients)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(imports, name+"-realm.json"), content, 0o600); err != nil {
			return fmt.Errorf("write the import of %s: %w", name, err)
		}
	}
	if err := p.runImport(ctx, home, dir, made); err != nil {
		return err
	}
	content, err := json.Marshal(made)
	if err != nil {
		return err
	}
	return errors.Join(
		os.RemoveAll(imports),
		os.Rename(filepath.Join(home, "data"), filepath.Join(dir, "data")),
		os.RemoveAll(home),
		os.WriteFile(filepath.Join(dir, secretsFile), content, 0o600),
	)
}

// names are those of all realms. The last one is one of the pool.
func (p *Prepared) names() []string {
	var names []string
	for _, kind := range realm.FewKinds {
		names = append(names, p.few[kind]...)
	}
	return append(names, p.realms...)
}

func (p *Prepared) runImport(ctx context.Context, home, dir string, made secrets) error {
	lease, err := ports.Take()
	if err != nil {
		return err
	}
	defer lease.Release()
	ctx, cancel := context.WithTimeoutCause(ctx, importTimeout, fmt.Errorf("not within %s", importTimeout))
	defer cancel()
	importing, err := process.Start(process.Command{
		Name: "Keycloak's import", Path: filepath.Join(home, "bin", "kc.sh"),
		Args: append(releases[p.version].startArguments("http://"+lease.Address()), "--import-realm",
			"--http-enabled=true", "--http-host=127.0.0.1", fmt.Sprintf("--http-port=%d", lease.Port)),
		Env: append(environment(p.java, home), releases[p.version].bootstrap(Secret(made.Admin))...),
		Dir: home, Log: filepath.Join(dir, "import.log"),
	})
	if err != nil {
		return err
	}
	last := "http://" + lease.Address() + "/realms/" + p.realms[len(p.realms)-1]
	if err := importing.AwaitReady(ctx, func(ctx context.Context) error { return answers(ctx, nil, last) }); err != nil {
		return errors.Join(err, importing.Kill())
	}
	return importing.Stop(stopGrace)
}

// finish makes a directory in full or not at all.
func finish(dir string, fill func(unfinished string) error) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	unfinished := dir + unfinishedSuffix
	if err := os.MkdirAll(unfinished, 0o700); err != nil {
		return fmt.Errorf("make room in the cache: %w", err)
	}
	if err := fill(unfinished); err != nil {
		return errors.Join(err, os.RemoveAll(unfinished))
	}
	if err := os.Rename(unfinished, dir); err != nil {
		return fmt.Errorf("keep %s in the cache: %w", dir, err)
	}
	return nil
}

const unfinishedSuffix = ".unfinished"

// removeUnfinished removes what a killed preparation left. The lock is held, so
// nobody works on it.
func removeUnfinished(root string) error {
	left, err := filepath.Glob(filepath.Join(root, "*"+unfinishedSuffix))
	if err != nil {
		return err
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove what a killed preparation left in the cache: %w", err)
		}
	}
	return nil
}

func digest(parts ...[]byte) string {
	hash := sha256.New()
	for _, part := range parts {
		// A hash takes everything.
		_, _ = hash.Write(part)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}
