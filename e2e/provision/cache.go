package provision

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// CacheVariable names the environment variable that puts the cache elsewhere.
const CacheVariable = "HEADLAMP_CONFORMANCE_CACHE"

// SpaceError says that the cache has no room for what a run needs.
type SpaceError struct {
	Dir          string
	Free, Needed uint64 // bytes
}

func (e *SpaceError) Error() string {
	return fmt.Sprintf("there are %d MB free for the cache %s, and %d MB are needed; free some, or put the cache elsewhere with %s",
		e.Free>>20, e.Dir, e.Needed>>20, CacheVariable)
}

// CacheDir is the directory for what is downloaded and built once. It makes it
// and proves that it can be written.
func CacheDir() (string, error) {
	dir := os.Getenv(CacheVariable)
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find the user's cache directory: %w; name one with %s", err, CacheVariable)
		}
		dir = filepath.Join(user, "headlamp-conformance")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("the cache directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the cache directory: %w; name another with %s", err, CacheVariable)
	}
	trial, err := os.CreateTemp(dir, ".writable-")
	if err != nil {
		return "", fmt.Errorf("write to the cache directory: %w; name another with %s", err, CacheVariable)
	}
	if err := errors.Join(trial.Close(), os.Remove(trial.Name())); err != nil {
		return "", fmt.Errorf("write to the cache directory: %w", err)
	}
	return dir, nil
}

// CheckSpace fails with a SpaceError when less than needed bytes are free.
func CheckSpace(dir string, needed uint64) error {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return fmt.Errorf("find out how much space is free for %s: %w", dir, err)
	}
	// Both are never negative: a count of blocks, and their size in bytes.
	if free := stat.Bavail * uint64(stat.Bsize); free < needed { //nolint:gosec // see above
		return &SpaceError{Dir: dir, Free: free, Needed: needed}
	}
	return nil
}
