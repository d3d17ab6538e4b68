package packed

import (
	"compress/gzip"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// Text is the content of a file that gzip has compressed.
func Text(t testing.TB, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatalf("unpack %s: %v", path, err)
	}
	content, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatalf("unpack %s: %v", path, err)
	}
	return string(content)
}

// Timeline is the timeline in a file that gzip has compressed.
func Timeline(t testing.TB, path string) timeline.Timeline {
	t.Helper()
	line, err := timeline.Read(strings.NewReader(Text(t, path)))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return line
}
