package process_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
)

// logOf runs a script to its end with a log of at most limit bytes.
func logOf(t *testing.T, limit int64, script string) string {
	t.Helper()
	started, err := process.Start(process.Command{
		Name: "the script", Path: "/bin/sh", Args: []string{"-c", script},
		Env: []string{"PATH=" + os.Getenv("PATH")}, Log: filepath.Join(t.TempDir(), "script.log"), LogLimit: limit,
	})
	if err != nil {
		t.Fatal(err)
	}
	<-started.Done()
	content, err := os.ReadFile(started.LogFile())
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestALogIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	const limit = 100_000
	log := logOf(t, limit, `echo the first line; yes "it goes on and on" | head -c 50000000; echo; echo the last line >&2`)
	if !strings.HasPrefix(log, "the first line\nit goes on and on\n") || !strings.HasSuffix(log, "the last line\n\n") {
		t.Errorf("it begins with %q and ends with %q", log[:40], log[len(log)-40:])
	}
	for _, line := range []string{
		"… the suite cut this log here: it has 100000 bytes, which is as long as it may be\n", "… 49900030 bytes had no room; their end:\n",
	} {
		if strings.Count(log, line) != 1 {
			t.Errorf("it does not say %q once", line)
		}
	}
	if longest := limit + 65<<10; len(log) > longest {
		t.Errorf("it has %d bytes", len(log))
	}
}

func TestALogThatHasRoomIsWhatTheProgramSaid(t *testing.T) {
	t.Parallel()
	if log := logOf(t, 14, "echo said; echo also >&2; printf more"); log != "said\nalso\nmore" {
		t.Errorf("it says %q", log)
	}
}

// TestWhatAProgramLeavesBehindDoesNotHoldUpItsEnd has a program's child keep the
// log open after the program has ended.
func TestWhatAProgramLeavesBehindDoesNotHoldUpItsEnd(t *testing.T) {
	t.Parallel()
	if log := logOf(t, 1000, "sleep 3600 & echo said"); log != "said\n" {
		t.Errorf("it says %q", log)
	}
}
