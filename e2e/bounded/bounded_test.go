package bounded_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/bounded"
)

func TestAFileIsReadUpToItsBoundAndRefusedBeyond(t *testing.T) {
	t.Parallel()
	const most = 1 << 20
	for size, refused := range map[int]bool{0: false, 1: false, most: false, most + 1: true, 3 * most: true} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
			t.Fatal(err)
		}
		content, err := bounded.ReadFile(path, most)
		if refused && (err == nil || !strings.Contains(err.Error(), path+" is larger than 1 MB")) {
			t.Errorf("%d bytes: read are %d, %v", size, len(content), err)
		}
		if !refused && (err != nil || len(content) != size) {
			t.Errorf("%d bytes: read are %d, %v", size, len(content), err)
		}
	}
}

func TestWhatNeverEndsIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := bounded.ReadFile("/dev/zero", 1<<20); err == nil || !strings.Contains(err.Error(), "larger than 1 MB") {
		t.Errorf("said is %v", err)
	}
}

func TestAnErrorNamesTheFile(t *testing.T) {
	t.Parallel()
	missing, dir := filepath.Join(t.TempDir(), "missing"), t.TempDir()
	if _, err := bounded.ReadFile(missing, 1); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), missing) {
		t.Errorf("said is %v", err)
	}
	if _, err := bounded.ReadFile(dir, 1); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("said is %v", err)
	}
}
