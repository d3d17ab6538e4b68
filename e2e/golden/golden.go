package golden

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Compare fails a test unless a file has this content.
func Compare(t testing.TB, path string, got []byte) {
	t.Helper()
	compare(t, path, got, *update)
}

func compare(t testing.TB, path string, got []byte, update bool) {
	t.Helper()
	if update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; -update writes it", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	line, has, is := difference(got, want)
	t.Errorf("%s is not what the code makes (-update writes it anew): in line %d it has\n\t%s\nand what was made has\n\t%s", path, line, has, is)
}

// difference is the first line that two contents do not share.
func difference(got, want []byte) (number int, has, is []byte) {
	gotLines, wantLines := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(gotLines), len(wantLines)) {
		has, is = []byte("(its end)"), []byte("(its end)")
		if i < len(wantLines) {
			has = wantLines[i]
		}
		if i < len(gotLines) {
			is = gotLines[i]
		}
		if i >= len(gotLines) || i >= len(wantLines) || !bytes.Equal(has, is) {
			return i + 1, has, is
		}
	}
	return 0, nil, nil
}
