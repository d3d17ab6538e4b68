package cost

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
)

// proc is a proc file system of the test's own.
type proc struct{ dir string }

func (p proc) has(t *testing.T, id int, name string, parent, started, ticks, pages int) {
	t.Helper()
	dir := filepath.Join(p.dir, fmt.Sprint(id))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	fields := make([]string, 50)
	for i := range fields {
		fields[i] = "0"
	}
	fields[0], fields[1], fields[11], fields[12], fields[19] = "S", fmt.Sprint(parent), fmt.Sprint(ticks-1), "1", fmt.Sprint(started)
	for file, content := range map[string]string{
		"stat":    fmt.Sprintf("%d (a name) with (many) ) %s\n", id, strings.Join(fields, " ")),
		"statm":   fmt.Sprintf("1000 %d 10 0 0 0 0\n", pages+10),
		"cmdline": "/opt/bin/" + name + "\x00--flag\x00",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (p proc) ended(t *testing.T, id int) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(p.dir, fmt.Sprint(id))); err != nil {
		t.Fatal(err)
	}
}

var groups = Groups{"chromium": "browser", "java": "Keycloak", "headlamp-server": "dashboard"}

func TestWhatIsTakenIsCountedWhereItGoes(t *testing.T) {
	t.Parallel()
	page := uint64(os.Getpagesize()) //nolint:gosec // is positive
	fake := proc{t.TempDir()}
	fake.has(t, 10, "headlamp-conformance", 1, 5, 100, 3)
	fake.has(t, 20, "chromium", 10, 6, 200, 10)
	fake.has(t, 21, "its-renderer", 20, 7, 300, 20)
	fake.has(t, 30, "java", 10, 6, 1000, 40)
	fake.has(t, 40, "elsewhere", 1, 6, 5000, 5000)
	meter := newMeter(fake.dir, 10, groups)
	begin := time.Unix(1000, 0)
	meter.look(begin)
	fake.has(t, 50, "headlamp-server", 10, 8, 150, 7)
	fake.has(t, 21, "its-renderer", 20, 7, 350, 25)
	fake.has(t, 30, "java", 10, 6, 1100, 40)
	meter.look(begin.Add(time.Second))
	// One ends, and another has its number by now.
	fake.ended(t, 50)
	fake.ended(t, 30)
	fake.has(t, 21, "its-renderer", 20, 9, 100, 1)
	meter.look(begin.Add(2 * time.Second))
	got := meter.Stop()
	want := map[string]Use{
		// What was spent before is nobody's business.
		Rest: {0, 3 * page}, "browser": {1500 * time.Millisecond, 35 * page},
		"Keycloak": {time.Second, 40 * page}, "dashboard": {1500 * time.Millisecond, 7 * page},
	}
	if !reflect.DeepEqual(got.Uses, want) || !got.PeakAt.Equal(begin.Add(time.Second)) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if total := got.Total(); total != (Use{4 * time.Second, 85 * page}) {
		t.Errorf("the total is %+v", total)
	}
	if names := got.Names(); !reflect.DeepEqual(names, []string{"browser", "dashboard", "Keycloak", Rest}) {
		t.Errorf("in the order %v", names)
	}
}

func TestAProcessThatCannotBeReadIsLeftOut(t *testing.T) {
	t.Parallel()
	fake := proc{t.TempDir()}
	fake.has(t, 10, "headlamp-conformance", 1, 5, 100, 3)
	for name, stat := range map[string]string{
		"20": "20 (name", "21": "21 (name) S 10", "22": "22 (name) S ten " + strings.Repeat("0 ", 40), "not-a-process": "",
	} {
		if err := os.MkdirAll(filepath.Join(fake.dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(fake.dir, name, "stat"), []byte(stat), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	below, err := processes(fake.dir, 10)
	if err != nil || len(below) != 1 || below[0].id != 10 {
		t.Errorf("got %+v, %v", below, err)
	}
	if _, err := processes(filepath.Join(fake.dir, "missing"), 10); err == nil {
		t.Error("what cannot be listed is no error")
	}
}

func TestAProcessOfOnesOwnIsMeasured(t *testing.T) {
	t.Parallel()
	meter := Start(nil)
	const burnt = 60 * time.Millisecond
	for begun := ownCPU(t); ownCPU(t)-begun < burnt; {
	}
	use := meter.Stop().Uses[Rest]
	if use.CPU < burnt-2*time.Second/ticks || use.Memory < 1<<20 || use.Memory > 1<<40 {
		t.Errorf("got %+v", use)
	}
}

func ownCPU(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func FuzzStat(f *testing.F) {
	f.Add("1 (a) S 1 2 3", "1 2 3")
	f.Fuzz(func(t *testing.T, stat, statm string) {
		dir := t.TempDir()
		for name, content := range map[string]string{"stat": stat, "statm": statm} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		readProcess(dir, 1)
	})
}
