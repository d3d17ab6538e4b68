package packed_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline/packed"
)

func TestWhatWasPackedReadsBackTheSame(t *testing.T) {
	t.Parallel()
	want := timeline.Timeline{
		Header: timeline.Header{Version: timeline.Version, Scenario: "a/b"},
		Events: []timeline.Event{{At: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC), Witness: timeline.Suite, Kind: timeline.LoggedIn}},
	}
	var file, text bytes.Buffer
	archive := gzip.NewWriter(&file)
	for _, err := range []error{want.Write(&text), want.Write(archive), archive.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "line.jsonl.gz")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := packed.Text(t, path); got != text.String() {
		t.Errorf("got %q, want %q", got, &text)
	}
	if got := packed.Timeline(t, path); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
