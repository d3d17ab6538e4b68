package reaper

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestOnlyWhatMayBeRemovedCanBeOwned(t *testing.T) {
	home := filepath.Join(t.TempDir(), "home", "somebody")
	if err := os.MkdirAll(home, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	temp := filepath.Join(t.TempDir(), "temp")
	t.Setenv("TMPDIR", temp+"/")
	working := filepath.Join(t.TempDir(), "working", "here")
	if err := os.MkdirAll(working, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(working)
	dir := t.TempDir()
	for _, name := range []string{"empty", "full/with"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(home, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ dir, refusal string }{
		{filepath.Join(dir, "empty"), ""},
		{filepath.Join(dir, "not made yet"), ""},
		{filepath.Join(temp, "x"), ""},
		{"", "clean, absolute"},
		{"relative", "clean, absolute"},
		{dir + "/", "clean, absolute"},
		{dir + "/empty/../full", "clean, absolute"},
		{dir + "/two\nlines", "clean, absolute"},
		{"/", "would remove"},
		{home, "would remove"},
		{filepath.Dir(home), "would remove"},
		{temp, "would remove"},
		{working, "would remove"},
		{filepath.Dir(working), "would remove"},
		{"/etc", "holds files already"},
		{filepath.Join(dir, "full"), "holds files already"},
		{filepath.Join(dir, "file"), "no directory"},
		{filepath.Join(dir, "file", "below"), "not a directory"},
		{filepath.Join(dir, "link"), "no directory"},
	} {
		err := checkOwnable(row.dir)
		switch {
		case row.refusal == "" && err != nil:
			t.Errorf("%q is refused: %v", row.dir, err)
		case row.refusal != "" && (err == nil || !strings.Contains(err.Error(), row.refusal)):
			t.Errorf("%q: got %v, want %q", row.dir, err, row.refusal)
		}
	}
}

func TestOnlyAWorkerOwns(t *testing.T) {
	t.Parallel()
	if err := Own(filepath.Join(t.TempDir(), "x")); err == nil || !strings.Contains(err.Error(), "reaper.Run") {
		t.Errorf("got %v", err)
	}
	if dir, err := MkdirTemp(); err == nil {
		t.Errorf("%s was made, and nobody removes it", dir)
	}
}

func TestALineThatWasNotWrittenToItsEndIsNoDirectory(t *testing.T) {
	t.Parallel()
	descriptor, err := unix.MemfdCreate("owned", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	list := os.NewFile(uintptr(descriptor), "owned")
	t.Cleanup(func() { list.Close() })
	if _, err := list.WriteString("/a b\n/c\n/ho"); err != nil {
		t.Fatal(err)
	}
	for range 2 { // reading does not move what the worker writes next
		dirs, err := directories(list)
		if err != nil || !slices.Equal(dirs, []string{"/a b", "/c"}) {
			t.Errorf("got %q, %v", dirs, err)
		}
	}
	if err := list.Truncate(0); err != nil {
		t.Fatal(err)
	}
	if dirs, err := directories(list); err != nil || len(dirs) != 0 {
		t.Errorf("emptied: got %q, %v", dirs, err)
	}
}
