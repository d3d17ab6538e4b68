package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// fake is a test that may fail without failing this one.
type fake struct {
	testing.TB
	said string
}

func (f *fake) Helper()                           {}
func (f *fake) Errorf(format string, args ...any) { f.said = fmt.Sprintf(format, args...) }
func (f *fake) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

// said is what a comparison fails with, or nothing.
func said(t *testing.T, path, got string, update bool) string {
	t.Helper()
	tried := &fake{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		compare(tried, path, []byte(got), update)
	}()
	<-done
	return tried.said
}

func TestADifferenceIsSaidWithItsLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "golden.txt")
	if err := os.WriteFile(path, []byte("one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string][]string{
		"one\ntwo\nthree\n":       nil,
		"one\n2\nthree\n":         {path, "-update", "line 2 it has\n\ttwo\n", "made has\n\t2"},
		"one\ntwo\n":              {"line 3 it has\n\tthree\n"},
		"one\ntwo\nthree\nfour\n": {"line 4", "made has\n\tfour"},
		"one\ntwo\nthree":         {"line 4", "made has\n\t(its end)"},
		"":                        {"line 1 it has\n\tone\n"},
	} {
		failed := said(t, path, got, false)
		if (failed == "") != (want == nil) {
			t.Errorf("%q: said is %q", got, failed)
		}
		for _, part := range want {
			if !strings.Contains(failed, part) {
				t.Errorf("%q: %q does not say %q", got, failed, part)
			}
		}
	}
}

func TestAFileThatIsMissingFailsAndAnUpdateWritesIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "golden.txt")
	if failed := said(t, path, "new", false); !strings.Contains(failed, path) || !strings.Contains(failed, "-update") {
		t.Errorf("said is %q", failed)
	}
	if failed := said(t, path, "new", true); failed != "" {
		t.Errorf("said is %q", failed)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "new" {
		t.Errorf("written is %q, %v", content, err)
	}
}
