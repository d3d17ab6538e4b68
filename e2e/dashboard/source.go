package dashboard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/Masterminds/semver/v3"
)

// Names under which a dashboard goes in reports.
const (
	Headlamp  = "headlamp"
	Reference = "reference"
)

// Oldest is the oldest Headlamp that this suite was seen to start and to follow.
var Oldest = semver.MustParse("0.28.0")

const (
	// askTimeout is the longest that an executable may take to tell its flags.
	askTimeout = 10 * time.Second
	// outputGrace is how long what it started may keep its output open.
	outputGrace = time.Second
	// answerLimit is the most that it may say, in bytes: Headlamp's usage takes
	// six thousand.
	answerLimit = 1 << 20
)

// Unknown stands for a version that could not be found out.
const Unknown = "unknown"

// Source is a dashboard that can be started.
type Source struct {
	Name       string `json:"name"`    // Headlamp or Reference
	Version    string `json:"version"` // without a "v", or Unknown
	Executable string `json:"executable"`
	// CalledAs is the name that the executable is called by: this program is
	// the reference dashboard when it is called so. Empty means its path.
	CalledAs string          `json:"calledAs,omitempty"`
	Frontend string          `json:"frontend,omitempty"` // directory, or empty: inside the executable
	Extra    []string        `json:"extra,omitempty"`    // arguments after the suite's own
	Flags    map[string]bool `json:"flags"`              // that the executable says it has
}

// Label is name and version, for people.
func (s Source) Label() string {
	if s.Name == Reference {
		return "the reference dashboard " + s.Version
	}
	if s.Version == Unknown {
		return "Headlamp of an unknown version"
	}
	return "Headlamp v" + s.Version
}

// FromDirectory describes the dashboard in a directory as in a release image's
// /headlamp: the executable headlamp-server and the directory frontend. All
// that is wrong with it is said at once.
func FromDirectory(ctx context.Context, dir string) (Source, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Source{}, fmt.Errorf("the dashboard's directory: %w", err)
	}
	const advice = "give a directory with headlamp-server and frontend/ in it"
	info, err := os.Stat(dir)
	if err != nil {
		return Source{}, fmt.Errorf("the dashboard's directory %s cannot be read: %w; %s", dir, err, advice)
	}
	if !info.IsDir() {
		return Source{}, fmt.Errorf("the dashboard %s is no directory; %s", dir, advice)
	}
	source := Source{
		Name:       Headlamp,
		Executable: filepath.Join(dir, "headlamp-server"),
		Frontend:   filepath.Join(dir, "frontend"),
	}
	mistakes := []error{CheckVisible(dir), checkFrontend(source.Frontend)}
	if err := checkExecutable(source.Executable); err != nil {
		mistakes = append(mistakes, err)
	} else {
		mistakes = append(mistakes, source.ask(ctx))
	}
	if err := errors.Join(mistakes...); err != nil {
		return Source{}, err
	}
	if version, err := semver.NewVersion(source.Version); err == nil && version.LessThan(Oldest) {
		return Source{}, fmt.Errorf("%s is Headlamp v%s; this version of the suite knows v%s and later", dir, version, Oldest)
	}
	return source, nil
}

// FromSelf describes the reference dashboard: this very program, called by
// another name, with its page inside itself.
func FromSelf(ctx context.Context, calledAs string) (Source, error) {
	self, err := os.Executable()
	if err != nil {
		return Source{}, fmt.Errorf("find this program: %w", err)
	}
	source := Source{Name: Reference, Executable: self, CalledAs: calledAs}
	if err := source.ask(ctx); err != nil {
		return Source{}, err
	}
	return source, nil
}

// FromExecutable describes a variant of the reference dashboard, with its page
// inside itself.
func FromExecutable(ctx context.Context, path string) (Source, error) {
	source := Source{Name: Reference, Executable: path}
	if err := checkExecutable(path); err != nil {
		return Source{}, err
	}
	if err := source.ask(ctx); err != nil {
		return Source{}, err
	}
	return source, nil
}

// Directory is where the dashboard was found, or "" when it is the reference.
func (s Source) Directory() string {
	if s.Frontend == "" {
		return ""
	}
	return filepath.Dir(s.Executable)
}

// With returns the same dashboard with more arguments, which beat the suite's
// own.
func (s Source) With(arguments ...string) Source {
	s.Extra = append(slices.Clip(s.Extra), arguments...)
	return s
}

// ListensEverywhere says whether the dashboard cannot be told an address, and
// listens on every one that the machine has.
func (s Source) ListensEverywhere() bool { return s.Flags["port"] && !s.Flags[addressFlag] }

// CanImpersonate says whether the dashboard can be told to impersonate its users.
func (s Source) CanImpersonate() bool { return s.Flags[impersonateFlag] }

// CanPrefix says whether it can be told to put something before the names that it
// impersonates.
func (s Source) CanPrefix() bool {
	return s.CanImpersonate() && s.Flags[usernamePrefixFlag] && s.Flags[groupsPrefixFlag]
}

func checkExecutable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no headlamp-server in %s; build it, or copy /headlamp/headlamp-server out of a release image", filepath.Dir(path))
	case err != nil:
		return fmt.Errorf("look at %s: %w", path, err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no file; give the executable of a release image, /headlamp/headlamp-server", path)
	case info.Mode()&0o111 == 0:
		return fmt.Errorf("%s cannot be executed; make it executable: chmod +x %s", path, path)
	}
	return nil
}

func checkFrontend(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "index.html")); err != nil {
		return fmt.Errorf("there is no frontend/index.html in %s; build the frontend, or copy /headlamp/frontend out of a release image", filepath.Dir(dir))
	}
	return nil
}

var (
	flagLine     = regexp.MustCompile(`(?m)^\s+--?([a-z][a-z0-9-]*)`)
	versionWord  = regexp.MustCompile(`\bv?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)\b`)
	bundledWords = regexp.MustCompile(`VERSION:"v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)",GIT_VERSION:(?:"([0-9a-f]*)")?`)
)

// misnamed are releases whose page says the version of the one before, by the commit
// that it says beside it: at the tag v0.42.0, app/package.json says 0.41.0.
var misnamed = map[string]string{"d3fa396e4394f3492d6cff4f99a0cb3489485d6b": "0.42.0"}

// ask runs the executable for its flags and its version.
func (s *Source) ask(ctx context.Context) error {
	// Usage goes to standard error, with an exit code other than 0.
	usage, err := s.run(ctx, "-h")
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("run %s -h: %w; give a headlamp-server that runs on this machine", s.Executable, err)
	}
	s.Flags = map[string]bool{}
	for _, match := range flagLine.FindAllStringSubmatch(string(usage), -1) {
		s.Flags[match[1]] = true
	}
	if !s.Flags["in-cluster"] || !s.Flags["oidc-client-id"] {
		return fmt.Errorf("%s -h does not tell the flags of a headlamp-server (-in-cluster, -oidc-client-id)", s.Executable)
	}
	s.Version = s.findVersion(ctx)
	return nil
}

// run runs the executable for what it says of itself. It is somebody else's:
// it has only so long and may say only so much, and nothing of it stays.
func (s *Source) run(ctx context.Context, argument string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, askTimeout, fmt.Errorf("it did not end within %s", askTimeout))
	defer cancel()
	command := exec.CommandContext(ctx, s.Executable, argument)
	command.Args[0] = s.argv0()
	var output answer
	command.Stdout, command.Stderr = &output, &output
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	killGroup := func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.Cancel = killGroup
	command.WaitDelay = outputGrace
	err := command.Run()
	if command.Process != nil {
		_ = killGroup()
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return output.content, err
}

// answer keeps what a program says, up to a limit.
type answer struct{ content []byte }

func (a *answer) Write(content []byte) (int, error) {
	if len(a.content)+len(content) > answerLimit {
		return 0, fmt.Errorf("it said more than %d KiB", answerLimit>>10)
	}
	a.content = append(a.content, content...)
	return len(content), nil
}

// Program is the name that the dashboard's processes are called by.
func (s *Source) Program() string { return filepath.Base(s.argv0()) }

func (s *Source) argv0() string {
	if s.CalledAs != "" {
		return s.CalledAs
	}
	return s.Executable
}

// findVersion asks the executable, then the page's code: an executable that
// was built without its linker flags, as in the release images, calls itself
// "unknown", while the page always carries its package's version.
func (s *Source) findVersion(ctx context.Context) string {
	if s.Flags["version"] {
		output, err := s.run(ctx, "-version")
		if err == nil {
			if match := versionWord.FindSubmatch(output); match != nil {
				return string(match[1])
			}
		}
	}
	version := Unknown
	if s.Frontend == "" {
		return version
	}
	// A page without the marker leaves the version unknown: no error.
	_ = filepath.WalkDir(s.Frontend, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".js") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if match := bundledWords.FindSubmatch(content); match != nil {
			version = cmp.Or(misnamed[string(match[2])], string(match[1]))
			return fs.SkipAll
		}
		return nil
	})
	return version
}
