package reaper

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestAProcesssParentIsReadWhateverItsName(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		stat   string
		parent int
		known  bool
	}{
		{"12 (sh) S 7 12 12 0 -1", 7, true},
		{"12 (a b) R 7 12", 7, true},
		{"12 () S 9 (x) Z 7 12", 7, true}, // a name made to look like more
		{"12 (sh) Z 7 12", 7, true},
		{"1 (init) S 0 1", 0, true},
		{"12 (sh) S", 0, false},
		{"12 (sh) S x 1", 0, false},
		{"12 (sh) S -7 1", 0, false},
		{"12 sh S 7 1", 0, false},
		{"", 0, false},
	} {
		parent, known := parseParent(row.stat)
		if known != row.known || (known && parent != row.parent) {
			t.Errorf("%q: got %d, %t; want %d, %t", row.stat, parent, known, row.parent, row.known)
		}
	}
}

func TestThisProcessIsBelowItsParent(t *testing.T) {
	t.Parallel()
	found, err := descendants(os.Getppid())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(found, os.Getpid()) {
		t.Errorf("%d is not among %v", os.Getpid(), found)
	}
	below, err := descendants(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(below, os.Getpid()) || slices.Contains(below, os.Getppid()) {
		t.Errorf("%v holds what is above", below)
	}
}

func FuzzParseParent(f *testing.F) {
	f.Add("sh", uint(7), "12 (sh) S 7 12")
	f.Add(") S 9 (", uint(0), ")")
	f.Add("a\nb", uint(1<<22), "() )")
	f.Fuzz(func(t *testing.T, name string, parent uint, garbage string) {
		if read, known := parseParent(garbage); known && read < 0 {
			t.Errorf("%q has the parent %d", garbage, read)
		}
		if parent > 1<<31 {
			return
		}
		stat := fmt.Sprintf("12 (%s) S %s 12 12 0 -1 4194560", name, strconv.FormatUint(uint64(parent), 10))
		if read, known := parseParent(stat); !known || read != int(parent) {
			t.Errorf("%q: got %d, %t", strings.TrimSpace(stat), read, known)
		}
	})
}
