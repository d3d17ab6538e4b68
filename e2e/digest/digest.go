package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// File returns the SHA-256 of a file, in hexadecimal digits, as sha256sum writes it.
func File(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("hash a file: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("hash %s: %w", path, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Of returns the digest of a program that is in these files and directories, as
// sha256:<hexadecimal digits>.
func Of(paths ...string) (string, error) {
	sum := sha256.New()
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return "", fmt.Errorf("hash a program: %w", err)
		}
		hashed := File
		if info.IsDir() {
			hashed = Tree
		}
		hash, err := hashed(path)
		if err != nil {
			return "", err
		}
		if len(paths) == 1 {
			return "sha256:" + hash, nil
		}
		fmt.Fprintln(sum, hash)
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// Tree returns the SHA-256 of a directory: of the lines that sha256sum would write of
// the regular files in it, ordered by their paths below it.
func Tree(dir string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		hash, err := File(path)
		if err != nil {
			return err
		}
		// path is below dir.
		below, _ := filepath.Rel(dir, path)
		_, err = fmt.Fprintf(sum, "%s  %s\n", hash, filepath.ToSlash(below))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("hash the directory %s: %w", dir, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
