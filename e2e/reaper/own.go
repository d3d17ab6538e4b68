package reaper

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// owned is the list of directories, one a line, that all three processes share.
// Only the worker writes to it.
var owned *os.File

// Own makes the reaper remove a directory, with everything in it, when the run
// ends. It is empty, or will be made later. Only the worker itself can own
// directories.
func Own(dir string) error {
	if owned == nil {
		return errors.New("own a directory: this process is not the worker below a reaper; call it inside reaper.Run")
	}
	if err := checkOwnable(dir); err != nil {
		return err
	}
	if _, err := owned.WriteString(dir + "\n"); err != nil {
		return fmt.Errorf("own the directory %s: %w", dir, err)
	}
	return nil
}

// MkdirTemp makes the run's directory in the system's temporary directory. It
// is owned before it is made, so that no moment is left to lose it in.
func MkdirTemp() (string, error) {
	parent, err := filepath.Abs(os.TempDir())
	if err == nil {
		parent, err = filepath.EvalSymlinks(parent)
	}
	if err != nil {
		return "", fmt.Errorf("find the temporary directory: %w; name one with TMPDIR", err)
	}
	dir := filepath.Join(parent, "headlamp-conformance-"+strings.ToLower(rand.Text()[:12]))
	if err := Own(dir); err != nil {
		return "", err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the run's directory: %w; name another temporary directory with TMPDIR", err)
	}
	return dir, nil
}

// checkOwnable refuses what must never be removed, and what holds anything
// already: that is somebody else's.
func checkOwnable(dir string) error {
	if !filepath.IsAbs(dir) || dir != filepath.Clean(dir) || strings.Contains(dir, "\n") {
		return fmt.Errorf("own the directory %q: it must be a clean, absolute path", dir)
	}
	home, _ := os.UserHomeDir()
	working, _ := os.Getwd()
	for _, precious := range []string{"/", home, working, os.TempDir()} {
		if precious == dir || strings.HasPrefix(precious, dir+"/") {
			return fmt.Errorf("own the directory %q: removing it would remove %q", dir, precious)
		}
	}
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("own the directory %q: %w", dir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("own the directory %q: it is no directory", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("own the directory %q: %w", dir, err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("own the directory %q: it holds files already, which the run would remove", dir)
	}
	return nil
}

// directories reads the list.
func directories(list *os.File) ([]string, error) {
	info, err := list.Stat()
	if err != nil {
		return nil, fmt.Errorf("read the list of owned directories: %w", err)
	}
	content := make([]byte, info.Size())
	if _, err := list.ReadAt(content, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the list of owned directories: %w", err)
	}
	var dirs []string
	for line := range strings.Lines(string(content)) {
		// A line without its end was being written when the worker was killed,
		// so its directory was not made yet.
		if dir, whole := strings.CutSuffix(line, "\n"); whole {
			dirs = append(dirs, dir)
		}
	}
	return dirs, nil
}
