package process_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/process"
)

// long is far more than anything here takes on a busy machine.
const long = 30 * time.Second

// start starts a shell script, called the script, and kills it after the test.
func start(t *testing.T, script string) *process.Process {
	t.Helper()
	started, err := process.Start(process.Command{
		Name: "the script", Path: "/bin/sh", Args: []string{"-c", script},
		Env: []string{"PATH=" + os.Getenv("PATH")}, Log: filepath.Join(t.TempDir(), "script.log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := started.Kill(); err != nil {
			t.Error(err)
		}
	})
	return started
}

// says is a probe that waits for a line in the log.
func says(started *process.Process, line string) func(context.Context) error {
	return func(context.Context) error {
		if !strings.Contains(started.LogTail()+"\n", line+"\n") {
			return fmt.Errorf("it does not say %q", line)
		}
		return nil
	}
}

// awaitLine waits until the script says a line.
func awaitLine(t *testing.T, started *process.Process, line string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	if err := started.AwaitReady(ctx, says(started, line)); err != nil {
		t.Fatal(err)
	}
}

func TestAProgramThatEndsBeforeItIsReadySaysWhy(t *testing.T) {
	t.Parallel()
	started := start(t, "echo the port is taken >&2; exit 3")
	err := started.AwaitReady(t.Context(), func(context.Context) error { return errors.New("no answer") })
	if err == nil {
		t.Fatal("it was ready")
	}
	for _, part := range []string{"the script", "ended before it was ready", "exit status 3", "the port is taken", started.LogFile()} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestAProgramThatEndedWellWasNotReadyEither(t *testing.T) {
	t.Parallel()
	started := start(t, "exit 0")
	<-started.Done()
	// Somebody else listens on its port, say.
	err := started.AwaitReady(t.Context(), func(context.Context) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "exit status 0") {
		t.Errorf("got %v", err)
	}
}

func TestAProgramThatIsNotReadyInTimeSaysWhatItDidNot(t *testing.T) {
	t.Parallel()
	started := start(t, "echo still starting; exec sleep 1000")
	awaitLine(t, started, "still starting")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errors.New("not within a moment"))
	defer cancel()
	err := started.AwaitReady(ctx, func(context.Context) error { return errors.New("it refuses the connection") })
	if err == nil {
		t.Fatal("it was ready")
	}
	for _, part := range []string{"the script was not ready in time", "not within a moment", "it refuses the connection", "still starting", started.LogFile()} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestStopAsksFirst(t *testing.T) {
	t.Parallel()
	started := start(t, `trap 'echo in order; exit 0' TERM; echo ready; while :; do sleep 0.05; done`)
	awaitLine(t, started, "ready")
	if err := started.Stop(long); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(started.LogTail(), "in order") {
		t.Errorf("it ended without order: %s", started.LogTail())
	}
	if err := started.Stop(long); err != nil {
		t.Errorf("stopped twice: %v", err)
	}
}

func TestStopKillsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	started := start(t, `trap 'echo no' TERM; echo ready; while :; do sleep 0.05; done`)
	awaitLine(t, started, "ready")
	const grace = 300 * time.Millisecond
	begun := time.Now()
	if err := started.Stop(grace); err != nil {
		t.Fatal(err)
	}
	select {
	case <-started.Done():
	default:
		t.Error("Stop returned while the program runs")
	}
	if took := time.Since(begun); took < grace {
		t.Errorf("it was killed after %s, and had %s", took, grace)
	}
}

// child reads the process id that the script said it started.
func child(t *testing.T, started *process.Process) int {
	t.Helper()
	for line := range strings.Lines(started.LogTail()) {
		if id, found := strings.CutPrefix(line, "child "); found {
			pid, err := strconv.Atoi(strings.TrimSpace(id))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatalf("no child in %q", started.LogTail())
	return 0
}

// awaitEnd waits until a process has ended, reaped or not.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(long); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	_ = syscall.Kill(pid, syscall.SIGKILL)
	t.Errorf("process %d is left", pid)
}

func TestWhatAProgramStartedEndsWithIt(t *testing.T) {
	t.Parallel()
	const script = `sleep 1000 & echo child $!; echo ready; `
	for name, end := range map[string]func(*testing.T, *process.Process){
		"by itself": func(*testing.T, *process.Process) {},
		"stopped": func(t *testing.T, started *process.Process) {
			if err := started.Stop(long); err != nil {
				t.Error(err)
			}
		},
		"killed": func(t *testing.T, started *process.Process) {
			if err := started.Kill(); err != nil {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			then := "wait"
			if name == "by itself" {
				then = "while [ ! -e $0 ]; do sleep 0.05; done"
			}
			release := filepath.Join(t.TempDir(), "release")
			started, err := process.Start(process.Command{
				Name: "the script", Path: "/bin/sh", Args: []string{"-c", script + then, release},
				Env: []string{"PATH=" + os.Getenv("PATH")}, Log: filepath.Join(t.TempDir(), "log"),
			})
			if err != nil {
				t.Fatal(err)
			}
			awaitLine(t, started, "ready")
			if err := os.WriteFile(release, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			end(t, started)
			<-started.Done()
			awaitEnd(t, child(t, started))
		})
	}
}

func TestALogsSecretsNeverReachAnError(t *testing.T) {
	t.Parallel()
	const (
		token  = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5LXNpZ25hdHVyZQ"
		secret = "canary-0123456789abcdef"
	)
	for name, script := range map[string]string{
		"a token":      "echo refreshing " + token,
		"a header":     "echo Authorization: Bearer " + secret,
		"a parameter":  "echo 'GET /oidc-callback?code=" + secret + "'",
		"a cookie":     "echo 'Cookie: headlamp-auth-main.0=" + secret + "'",
		"a cut token":  "printf '%s%01960d' " + token + " 0",
		"a cut secret": "printf 'client_secret=%s&%01985d' " + secret + " 0",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			started := start(t, script)
			err := started.AwaitReady(t.Context(), func(context.Context) error { return errors.New("no") })
			if err == nil {
				t.Fatal("it was ready")
			}
			// No piece of it either: the tail may begin in the middle.
			for _, whole := range append(strings.Split(token, "."), secret) {
				if piece := whole[len(whole)-10:]; strings.Contains(err.Error(), piece) {
					t.Errorf("the error keeps %q: %v", piece, err)
				}
			}
		})
	}
}

func TestTheTailOfALongLogIsItsLastWholeLines(t *testing.T) {
	t.Parallel()
	started := start(t, "i=0; while [ $i -lt 500 ]; do echo line number $i; i=$((i+1)); done")
	<-started.Done()
	tail := started.LogTail()
	if len(tail) > 2000 || len(tail) < 1900 {
		t.Errorf("%d bytes", len(tail))
	}
	if !strings.HasPrefix(tail, "line number ") || !strings.HasSuffix(tail, "line number 499") {
		t.Errorf("%q", tail)
	}
}

func TestAProgramHasTheEnvironmentThatItWasGivenAlone(t *testing.T) {
	t.Setenv("CANARY", "inherited")
	attributes := &syscall.SysProcAttr{}
	started, err := process.Start(process.Command{
		Name: "env", Path: "/usr/bin/env", Log: filepath.Join(t.TempDir(), "log"), Attributes: attributes,
	})
	if err != nil {
		t.Fatal(err)
	}
	<-started.Done()
	if tail := started.LogTail(); tail != "" {
		t.Errorf("it has %q", tail)
	}
	if attributes.Setpgid {
		t.Error("the starter's attributes were changed")
	}
}

func TestAProgramIsCalledByTheNameThatItWasGiven(t *testing.T) {
	t.Parallel()
	started, err := process.Start(process.Command{
		Name: "the shell", Path: "/bin/sh", Argv0: "another-name", Args: []string{"-c", "echo $0"}, Log: filepath.Join(t.TempDir(), "log"),
	})
	if err != nil {
		t.Fatal(err)
	}
	<-started.Done()
	if got := started.LogTail(); got != "another-name" {
		t.Errorf("it is called %q", got)
	}
}

func TestWhatCannotBeStartedIsNamed(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "missing")
	_, err := process.Start(process.Command{Name: "the thing", Path: missing, Log: filepath.Join(t.TempDir(), "log")})
	if err == nil || !strings.Contains(err.Error(), "start the thing ("+missing+")") {
		t.Errorf("a missing executable: %v", err)
	}
	_, err = process.Start(process.Command{Name: "the thing", Path: "/bin/true", Log: filepath.Join(missing, "log")})
	if err == nil || !strings.Contains(err.Error(), "start the thing: its log") {
		t.Errorf("a log nowhere: %v", err)
	}
}

func TestLogPathMakesItsDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	path, err := process.LogPath(dir, "name")
	if err != nil || path != filepath.Join(dir, "name.log") {
		t.Fatalf("got %q, %v", path, err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := process.LogPath(path, "below-a-file"); err == nil {
		t.Error("a directory was made below a file")
	}
}
