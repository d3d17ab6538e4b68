package provision

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/filelock"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
)

// built is what is built from a Go module of its own, once, and kept in the cache:
// the module's tools.
type built struct {
	what     string // for people
	programs string // that it consists of, for people
	source   string // where its build module lies in a checkout
	cache    string // its directory in the cache
	// space is what building takes for a while, Go's own build cache included, in
	// bytes.
	space uint64
	// otherwise is what to do where it cannot be built, for people.
	otherwise string
	// flags are further flags of the linker, finish does what is left to do with the
	// programs in dir. Both may be nil.
	flags  func(ctx context.Context, source string) (string, error)
	finish func(dir string) error
}

// spaceNeeded is what it takes for a while to build it, in bytes, and 0 when it is
// there. It fails when it is not, and cannot be built.
func (b built) spaceNeeded(cacheDir string) (uint64, error) {
	_, dir, err := b.place(cacheDir)
	if err != nil {
		return 0, err
	}
	if _, err := os.Stat(dir); err == nil {
		return 0, nil
	}
	if _, err := exec.LookPath("go"); err != nil {
		return 0, fmt.Errorf("there is no Go to build %s with: %w; install Go, or %s", b.programs, err, b.otherwise)
	}
	return b.space, nil
}

// place is the build module, and where in the cache its programs belong: another
// directory for each state of the module.
func (b built) place(cacheDir string) (source, dir string, err error) {
	source, err = b.findModule()
	if err != nil {
		return "", "", err
	}
	key, err := b.moduleDigest(source)
	if err != nil {
		return "", "", err
	}
	return source, filepath.Join(cacheDir, b.cache, key), nil
}

// build returns the directory with the programs. It builds them, whole or not at
// all, unless somebody has.
func (b built) build(ctx context.Context, cacheDir string, printer *progress.Printer) (dir string, err error) {
	source, dir, err := b.place(cacheDir)
	if err != nil {
		return "", err
	}
	root := filepath.Dir(dir)
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", fmt.Errorf("make the cache for %s: %w", b.what, err)
	}
	lock, err := filelock.Take(ctx, filepath.Join(root, "lock"))
	if err != nil {
		return "", fmt.Errorf("wait for another build of %s: %w", b.what, err)
	}
	defer lock.Release()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := CheckSpace(root, b.space); err != nil {
		return "", err
	}
	unfinished := dir + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return "", fmt.Errorf("remove what a killed build left: %w", err)
	}
	if err := os.MkdirAll(unfinished, 0o700); err != nil {
		return "", fmt.Errorf("make room in the cache: %w", err)
	}
	if err := b.compile(ctx, source, unfinished, printer); err != nil {
		return "", errors.Join(err, os.RemoveAll(unfinished))
	}
	if b.finish != nil {
		if err := b.finish(unfinished); err != nil {
			return "", fmt.Errorf("name what was built: %w", err)
		}
	}
	if err := os.Rename(unfinished, dir); err != nil {
		return "", fmt.Errorf("keep %s in the cache: %w", b.what, err)
	}
	return dir, nil
}

// compile builds the module's tools, and tells how far it is.
func (b built) compile(ctx context.Context, source, dir string, printer *progress.Printer) (err error) {
	var compiled atomic.Int64
	total := 0
	done := printer.Step("build "+b.programs+" from Go modules (minutes, once)", func() string {
		return fmt.Sprintf("%d of %d packages", compiled.Load(), total)
	})
	defer func() { done(err) }()
	flags := ""
	if b.flags != nil {
		if flags, err = b.flags(ctx, source); err != nil {
			return err
		}
	}
	if listed, err := goCommand(ctx, source, "list", "-deps", "tool").Output(); err == nil {
		total = strings.Count(string(listed), "\n")
	}
	build := goCommand(ctx, source, "build", "-v", "-trimpath", "-ldflags=-s -w "+flags, "-o", dir+string(filepath.Separator), "tool")
	stderr, err := build.StderrPipe()
	if err != nil {
		return fmt.Errorf("build %s: %w", b.what, err)
	}
	if err := build.Start(); err != nil {
		return fmt.Errorf("build %s: %w; install Go, or %s", b.what, err, b.otherwise)
	}
	var last []string
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		compiled.Add(1)
		if last = append(last, lines.Text()); len(last) > 10 {
			last = last[1:]
		}
	}
	if err := build.Wait(); err != nil {
		return fmt.Errorf("build %s in %s: %w:\n%s", b.what, source, err, strings.Join(last, "\n"))
	}
	return nil
}

func goCommand(ctx context.Context, dir string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = dir
	// No workspace and no C: the programs are to be the same everywhere.
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	return command
}

// findModule looks for the build module upwards from this program and from the
// working directory.
func (b built) findModule() (string, error) {
	var starts []string
	if self, err := os.Executable(); err == nil {
		starts = append(starts, filepath.Dir(self))
	}
	if here, err := os.Getwd(); err == nil {
		starts = append(starts, here)
	}
	for _, start := range starts {
		for dir := start; ; dir = filepath.Dir(dir) {
			candidate := filepath.Join(dir, b.source)
			if _, err := os.Stat(filepath.Join(candidate, "go.mod")); err == nil {
				return candidate, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", fmt.Errorf("there is no %s above this program or the working directory, to build %s from; "+
		"run from a checkout, or %s", b.source, b.programs, b.otherwise)
}

func (b built) moduleDigest(source string) (string, error) {
	hash := sha256.New()
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			return "", fmt.Errorf("read the build module of %s: %w", b.what, err)
		}
		// A hash takes everything.
		_, _ = hash.Write(content)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}
