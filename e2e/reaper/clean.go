package reaper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// clean ends everything below this process and removes the owned directories.
// One that fails keeps none of the others.
func clean(list *os.File, grace time.Duration) error {
	failed := []error{endDescendants(grace)}
	dirs, err := directories(list)
	failed = append(failed, err)
	for _, dir := range dirs {
		failed = append(failed, removeOwned(dir))
	}
	return errors.Join(failed...)
}

// removeOwned removes a directory and what is mounted in it. A mount that stays
// keeps the directory: to remove it would be to remove somebody's files through
// the mount.
func removeOwned(dir string) error {
	if err := unmountBelow(dir); err != nil {
		return fmt.Errorf("the directory %s stays, for something is mounted in it: %w; unmount it and remove the directory", dir, err)
	}
	return remove(dir)
}

// remove removes a directory, with what is read-only in it.
func remove(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	// What cannot be looked into cannot be removed either; the second attempt
	// says what is wrong.
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return nil
	})
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the directory %s: %w", dir, err)
	}
	return nil
}
