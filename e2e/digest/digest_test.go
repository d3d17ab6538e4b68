package digest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/digest"
)

func put(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAFileIsHashedAsSha256sumDoes(t *testing.T) {
	t.Parallel()
	dir := put(t, t.TempDir(), map[string]string{"a": "abc"})
	// NIST's example for SHA-256.
	const want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if got, err := digest.File(filepath.Join(dir, "a")); err != nil || got != want {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := digest.File(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("got %v", err)
	}
}

func TestADirectoryIsTheSameWhenItsFilesAre(t *testing.T) {
	t.Parallel()
	of := func(files map[string]string) string {
		hash, err := digest.Tree(put(t, t.TempDir(), files))
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	one := of(map[string]string{"index.html": "page", "assets/a.js": "code"})
	for name, c := range map[string]struct {
		files map[string]string
		same  bool
	}{
		"the same":        {map[string]string{"assets/a.js": "code", "index.html": "page"}, true},
		"another content": {map[string]string{"index.html": "page", "assets/a.js": "code "}, false},
		"another name":    {map[string]string{"index.html": "page", "assets/b.js": "code"}, false},
		"one more":        {map[string]string{"index.html": "page", "assets/a.js": "code", "b": ""}, false},
	} {
		if got := of(c.files); (got == one) != c.same {
			t.Errorf("%s: %s and %s", name, got, one)
		}
	}
	if _, err := digest.Tree(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("there is none, and it is hashed")
	}
}
