package keycloak

import (
	"archive/zip"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// entry is a file of an archive.
type entry struct {
	name, content string
	mode          fs.FileMode
}

func TestADistributionIsUnpackedWithoutItsOneDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "home")
	err := unpack(archive(t,
		entry{name: "keycloak-1/"}, entry{name: "keycloak-1/bin/"},
		entry{"keycloak-1/bin/kc.sh", "#!/bin/sh\n", 0o755},
		entry{"keycloak-1/conf/deep/keycloak.conf", "db=dev-file\n", 0o444},
	), dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		content    string
		executable bool
	}{"bin/kc.sh": {"#!/bin/sh\n", true}, "conf/deep/keycloak.conf": {"db=dev-file\n", false}} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(content) != want.content {
			t.Errorf("%s holds %q, %v", name, content, err)
			continue
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		// A file that its owner may not write could not be removed everywhere.
		if mode := info.Mode().Perm(); mode&0o600 != 0o600 || (mode&0o100 != 0) != want.executable {
			t.Errorf("%s has the mode %s", name, mode)
		}
	}
}

func TestADistributionThatLeadsOutIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"keycloak-1/../evil", "keycloak-1/../../evil", "keycloak-1/bin/../../evil", "keycloak-1//evil", "../../evil", "keycloak-1/..",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			err := unpack(archive(t, entry{name: name, content: "evil", mode: 0o644}), filepath.Join(parent, "a", "home"))
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("got %v", err)
			}
			if left := files(t, parent); len(left) > 0 {
				t.Errorf("it wrote %v", left)
			}
		})
	}
}

func TestWhatIsNoArchiveIsRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "distribution.zip")
	if err := os.WriteFile(path, []byte("<html>not found</html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := unpack(path, t.TempDir()); err == nil || !strings.Contains(err.Error(), "distribution") {
		t.Errorf("got %v", err)
	}
}

// FuzzUnpack unpacks a file of any name: nothing is ever written elsewhere.
func FuzzUnpack(f *testing.F) {
	for _, name := range []string{"a/b", "a/../../b", "/etc/passwd", "a/b/", `a\..\b`, "a/b/../../../c", "a/\x00", "/."} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "one", "two", "home")
		err := unpack(archive(t, entry{name: name, content: "content", mode: 0o644}), dir)
		for _, file := range files(t, parent) {
			if file != dir && !strings.HasPrefix(file, dir+string(filepath.Separator)) {
				t.Fatalf("%q is written to %s, %v", name, file, err)
			}
		}
	})
}

func archive(t *testing.T, entries ...entry) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "distribution.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	writer := zip.NewWriter(file)
	for _, entry := range entries {
		header := &zip.FileHeader{Name: entry.name}
		header.SetMode(entry.mode)
		part, err := writer.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(entry.name, "/") {
			continue
		}
		if _, err := part.Write([]byte(entry.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// files are all files below dir, sorted.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return found
}
