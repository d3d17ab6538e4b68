package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact/leak"
)

const canary = "canary-password-U3d8s0Kq2vXz"

// ledgerOf is a ledger with one secret in it.
func ledgerOf(t *testing.T, secret string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), leak.FileName)
	ledger, err := leak.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	ledger.Note(leak.UserPassword, secret)
	if err := ledger.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestALeakIsToldWithoutTheSecret(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		file, said string
		leaked     bool
		say        string
	}{
		"clean":       {"nothing", "nothing", false, "1 × a user's password"},
		"in a file":   {"it is " + canary, "nothing", true, "LEAKED: evidence.txt: a user's password, as it is"},
		"in a screen": {"nothing", "it is " + canary, true, "LEAKED: what was printed: a user's password, as it is"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "evidence.txt"), []byte(row.file), 0o600); err != nil {
				t.Fatal(err)
			}
			var told bytes.Buffer
			leaked, err := tellLeaks(dir, ledgerOf(t, canary), []byte(row.said), progress.To(&told))
			if err != nil || leaked != row.leaked {
				t.Errorf("leaked is %v, %v", leaked, err)
			}
			contains(t, told.String(), row.say)
			if bytes.Contains(told.Bytes(), []byte(canary)) {
				t.Errorf("it tells the secret: %s", &told)
			}
		})
	}
}

func TestWhereNoSecretWasNotedNothingIsShown(t *testing.T) {
	t.Parallel()
	var told bytes.Buffer
	if leaked, err := tellLeaks(t.TempDir(), filepath.Join(t.TempDir(), "none"), nil, progress.To(&told)); err != nil || leaked {
		t.Errorf("leaked is %v, %v", leaked, err)
	}
	contains(t, told.String(), "no secret was noted: nothing shows")
}

func TestADoorThatNoSecretCameInByIsNoticed(t *testing.T) {
	t.Parallel()
	closed, err := closedDoors(ledgerOf(t, canary))
	if err != nil || len(closed) != len(doors)-1 || slices.Contains(closed, leak.UserPassword) {
		t.Errorf("closed are %v, %v", closed, err)
	}
}

func TestATerminalRemembersWhatItPassesOn(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	screen := &terminal{out: io.MultiWriter(&out)}
	progress.To(screen).Linef("said %d", 1)
	if string(screen.printed()) != "said 1\n" || out.String() != "said 1\n" {
		t.Errorf("printed %q, remembers %q", &out, screen.printed())
	}
}
