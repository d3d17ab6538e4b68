package provision

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheCacheIsWhereTheVariableSays(t *testing.T) {
	want := filepath.Join(t.TempDir(), "made", "now")
	t.Setenv(CacheVariable, want)
	dir, err := CacheDir()
	if err != nil || dir != want {
		t.Fatalf("got %q, %v", dir, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("the trial left %v, %v", entries, err)
	}
	t.Setenv(CacheVariable, "")
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	if dir, err := CacheDir(); err != nil || dir != filepath.Join(home, "headlamp-conformance") {
		t.Errorf("without it: got %q, %v", dir, err)
	}
}

func TestACacheThatCannotBeWrittenSaysHowToNameAnother(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below"), "/proc/cannot-be-made"} {
		t.Setenv(CacheVariable, dir)
		if _, err := CacheDir(); err == nil || !strings.Contains(err.Error(), CacheVariable) {
			t.Errorf("%s: got %v", dir, err)
		}
	}
}

func TestACacheWithoutRoomSaysHowMuchIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := CheckSpace(dir, 1); err != nil {
		t.Errorf("one byte: %v", err)
	}
	err := CheckSpace(dir, math.MaxUint64)
	var space *SpaceError
	if !errors.As(err, &space) || space.Free == 0 || space.Free == space.Needed {
		t.Fatalf("more than there is: %v", err)
	}
	for _, part := range []string{dir, "MB free", "17592186044415 MB are needed", "free some", CacheVariable} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if err := CheckSpace(filepath.Join(dir, "missing"), 1); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a directory that is not there: %v", err)
	}
}
