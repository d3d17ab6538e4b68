package reaper

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Several runs of one test are side by side: what is left of each has seconds to
// end by itself.

func TestTheWorkersExitCodeIsPassedOnAndNothingIsLeft(t *testing.T) {
	t.Parallel()
	rows := []struct {
		order    string
		code     int
		complain string
		run      *tree
	}{
		{order: "0"},
		{order: "7", code: 7},
		{order: "panic", code: 2, complain: "the worker panics"},
		{order: "panic elsewhere", code: 2, complain: "a goroutine of the worker's panics"},
	}
	for i := range rows {
		rows[i].run = plant(t, "program", nil)
	}
	for _, row := range rows {
		row.run.ready().tell(row.order)
	}
	for _, row := range rows {
		if code, _ := row.run.gone(); code != row.code {
			t.Errorf("%s: exit code %d, want %d", row.order, code, row.code)
		}
		if got := row.run.complaints(); !strings.Contains(got, row.complain) || (row.complain == "" && got != "") {
			t.Errorf("%s: complained %q, want %q", row.order, got, row.complain)
		}
	}
}

func TestASignalToTheFirstProcessReachesTheWorkerAlone(t *testing.T) {
	t.Parallel()
	runs := map[syscall.Signal]*tree{}
	for _, number := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		runs[number] = plant(t, "program", nil)
	}
	for number, run := range runs {
		run.ready().kill("first", number)
	}
	for number, run := range runs {
		if code, said := run.gone(); code != 42 || said != "signal "+number.String()+"\n" {
			t.Errorf("%s: exit code %d after %q: the worker did not end in order", number, code, said)
		}
	}
}

func TestASecondCtrlCEndsARunAtOnce(t *testing.T) {
	t.Parallel()
	run := plant(t, "program", nil, stubbornVariable+"=1").ready()
	run.kill("first", syscall.SIGINT)
	if got := run.hear(); got != "signal interrupt" {
		t.Fatalf("the worker says %q", got)
	}
	run.kill("first", syscall.SIGINT)
	if code, said := run.gone(); code != 128+int(syscall.SIGKILL) || said != "" {
		t.Errorf("exit code %d after %q", code, said)
	}
}

func TestKillNineLeavesNothing(t *testing.T) {
	t.Parallel()
	runs := map[string]*tree{}
	for _, victims := range []string{"first", "reaper", "worker", "first worker", "reaper worker"} {
		runs[victims] = plant(t, "program", nil)
	}
	for victims, run := range runs {
		run.ready()
		for _, victim := range strings.Fields(victims) {
			run.kill(victim, syscall.SIGKILL)
		}
	}
	for victims, run := range runs {
		if code, _ := run.gone(); code != 128+int(syscall.SIGKILL) {
			t.Errorf("kill -9 of %s: exit code %d", victims, code)
		}
	}
}

// At ten moments of a run's start, whatever there is by then.
func TestTenKillNinesLeaveNothing(t *testing.T) {
	t.Parallel()
	for i := range 10 {
		run := plant(t, "program", nil)
		for range i % readyLines {
			run.hear()
		}
		victim := []string{"first", "reaper"}[i%2]
		if run.pids[victim] == 0 {
			victim = "first"
		}
		run.kill(victim, syscall.SIGKILL)
		if code, _ := run.gone(); code != 128+int(syscall.SIGKILL) {
			t.Errorf("%d: exit code %d after the %s was killed", i, code, victim)
		}
	}
}

func TestAProcessThatForksOnAndOnIsCaught(t *testing.T) {
	t.Parallel()
	for _, victim := range []string{"first", "reaper"} {
		run := plant(t, "program", nil, startVariable+"=hopper")
		run.hear()
		run.hear()
		run.kill(victim, syscall.SIGKILL)
		run.gone()
	}
}

func TestADumpOfTheFirstProcessLeavesNothing(t *testing.T) {
	t.Parallel()
	run := plant(t, "program", nil).ready()
	run.kill("first", syscall.SIGQUIT)
	if code, _ := run.gone(); code == 0 {
		t.Error("exit code 0")
	}
}

func TestAKilledReaperIsToldOf(t *testing.T) {
	t.Parallel()
	run := plant(t, "program", nil).ready()
	run.kill("reaper", syscall.SIGKILL)
	run.gone()
	if got := run.complaints(); !strings.Contains(got, "the reaper was killed (signal: killed)") {
		t.Errorf("complained %q", got)
	}
}

func TestAKilledReaperLeavesNothingWhenNobodyReadsTheOutput(t *testing.T) {
	t.Parallel()
	run := plant(t, "unheard", nil).ready()
	run.kill("reaper", syscall.SIGKILL)
	if code, _ := run.gone(); code != 128+int(syscall.SIGKILL) {
		t.Errorf("exit code %d", code)
	}
}

func TestADirectoryWithBlanksInItsNameIsRemoved(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "a directory\twith  blanks ")
	neighbour := filepath.Join(parent, "a")
	if err := os.Mkdir(neighbour, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, whom := range []string{"first", "reaper"} {
		run := plant(t, "program", nil, ownVariable+"="+dir).ready()
		if _, err := os.Stat(filepath.Join(dir, "below")); err != nil {
			t.Fatal(err)
		}
		run.kill(whom, syscall.SIGKILL)
		run.gone()
		if _, err := os.Lstat(dir); !os.IsNotExist(err) {
			t.Errorf("after kill -9 of the %s: %v", whom, err)
		}
	}
	if _, err := os.Stat(neighbour); err != nil {
		t.Errorf("the neighbour: %v", err)
	}
}

func TestAnOrdinaryUsersRunLeavesNothing(t *testing.T) {
	t.Parallel()
	attributes := ordinaryUser(t)
	for _, victim := range []string{"first", "reaper"} {
		run := plant(t, "program", attributes).ready()
		run.kill(victim, syscall.SIGKILL)
		run.gone()
	}
	run := plant(t, "program", attributes, startVariable+"=sleeper")
	run.hear()
	run.hear()
	run.tell("7")
	if code, _ := run.gone(); code != 7 {
		t.Errorf("exit code %d", code)
	}
}

func TestADirectoryThatMayNotBeLookedIntoIsRemoved(t *testing.T) {
	t.Parallel()
	if code, said := plant(t, "unreadable", ordinaryUser(t)).gone(); code != 0 {
		t.Errorf("exit code %d: %s", code, said)
	}
}
