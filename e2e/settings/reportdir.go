package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// marker is the file that tells a report directory of ours from somebody else's
// files, from its making on.
const marker = ".headlamp-conformance"

const otherReportDir = "give another with --report-dir"

// checkReportDir says why a directory cannot be the report's: it holds somebody
// else's files, or cannot be written or made. It makes nothing.
func checkReportDir(dir string) error {
	if dir == "" {
		return errors.New("no report directory is given; " + otherReportDir)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("the report directory: %w", err)
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return checkCanBeMade(dir)
	case err != nil:
		return fmt.Errorf("look into the report directory: %w; %s", err, otherReportDir)
	}
	if _, err := os.Stat(filepath.Join(dir, marker)); err != nil && len(entries) > 0 {
		return fmt.Errorf("the report directory %s holds files that no run has written; empty it, or %s", dir, otherReportDir)
	}
	return checkWritable(dir, dir)
}

// checkCanBeMade looks at what there is of the path of a directory.
func checkCanBeMade(dir string) error {
	for above := filepath.Dir(dir); ; above = filepath.Dir(above) {
		info, err := os.Stat(above)
		switch {
		case errors.Is(err, fs.ErrNotExist) && above != filepath.Dir(above):
		case err != nil:
			return fmt.Errorf("make the report directory: %w; %s", err, otherReportDir)
		case !info.IsDir():
			return fmt.Errorf("make the report directory %s: %s is no directory; %s", dir, above, otherReportDir)
		default:
			return checkWritable(dir, above)
		}
	}
}

func checkWritable(dir, existing string) error {
	if err := unix.Faccessat(unix.AT_FDCWD, existing, unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
		return fmt.Errorf("write to the report directory %s: %s: %w; %s", dir, existing, err, otherReportDir)
	}
	return nil
}

// makeReportDir makes the report directory, and proves that it can be written.
func makeReportDir(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("the report directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make the report directory: %w; %s", err, otherReportDir)
	}
	if err := os.WriteFile(filepath.Join(dir, marker), nil, 0o644); err != nil {
		return "", fmt.Errorf("write to the report directory: %w; %s", err, otherReportDir)
	}
	return dir, nil
}
