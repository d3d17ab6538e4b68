package filelock_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/filelock"
)

// holderVariable makes the test binary take the lock that it names, and hold it
// until it is killed.
const holderVariable = "FILELOCK_TEST_HOLD"

func TestMain(m *testing.M) {
	path := os.Getenv(holderVariable)
	if path == "" {
		os.Exit(m.Run())
	}
	lock, err := filelock.Try(path)
	fmt.Println(lock != nil, err)
	// Until the test lets go of the other end.
	_, _ = os.Stdin.Read(make([]byte, 1))
}

// hold takes a lock in another process.
func hold(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	holder := exec.Command("/proc/self/exe")
	holder.Env = append(os.Environ(), holderVariable+"="+path)
	if _, err := holder.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = holder.Process.Kill()
		_ = holder.Wait()
	})
	var has bool
	var failure string
	if _, err := fmt.Fscanln(output, &has, &failure); err != nil || !has {
		t.Fatalf("the holder has the lock: %t, %s, %v", has, failure, err)
	}
	return holder
}

func TestALockIsHeldByOneUntilReleased(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	lock, err := filelock.Try(path)
	if lock == nil || err != nil {
		t.Fatalf("got %v, %v", lock, err)
	}
	if second, err := filelock.Try(path); second != nil || err != nil {
		t.Errorf("held: got %v, %v", second, err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("its file is gone, and the next two would lock two files: %v", err)
	}
	again, err := filelock.Try(path)
	if again == nil || err != nil {
		t.Fatalf("released: got %v, %v", again, err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

func TestAReleasedLockIsFreeThoughAChildHasItsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	lock, err := filelock.Try(path)
	if lock == nil || err != nil {
		t.Fatalf("got %v, %v", lock, err)
	}
	// As a child has it between its fork and its exec.
	copied := -1
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if target, err := os.Readlink(filepath.Join("/proc/self/fd", entry.Name())); err == nil && target == path {
			number, err := strconv.Atoi(entry.Name())
			if err != nil {
				t.Fatal(err)
			}
			if copied, err = unix.Dup(number); err != nil {
				t.Fatal(err)
			}
		}
	}
	if copied < 0 {
		t.Fatal("the lock's file is not open")
	}
	t.Cleanup(func() { _ = unix.Close(copied) })
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := filelock.Try(path)
	if again == nil || err != nil {
		t.Fatalf("released: got %v, %v", again, err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

func TestTheKernelFreesAKilledHoldersLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	holder := hold(t, path)
	if lock, err := filelock.Try(path); lock != nil || err != nil {
		t.Fatalf("held by another process: got %v, %v", lock, err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	lock, err := filelock.Take(ctx, path)
	if err != nil {
		t.Fatalf("after its holder was killed: %v", err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

func TestTakeTakesWhicheverIsFree(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	held, free := filepath.Join(dir, "held"), filepath.Join(dir, "free")
	hold(t, held)
	lock, err := filelock.Take(t.Context(), held, free)
	if err != nil {
		t.Fatal(err)
	}
	if other, err := filelock.Try(free); other != nil || err != nil {
		t.Errorf("the free one was not taken: %v, %v", other, err)
	}
	if err := lock.Release(); err != nil {
		t.Error(err)
	}
}

func TestTakeGivesUpWithTheReason(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	hold(t, path)
	reason := errors.New("no longer than this")
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, reason)
	defer cancel()
	if lock, err := filelock.Take(ctx, path); lock != nil || !errors.Is(err, reason) {
		t.Errorf("got %v, %v", lock, err)
	}
}

func TestALockThatCannotBeMadeIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing", "lock")
	if lock, err := filelock.Take(t.Context(), path); lock != nil || err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, %v", lock, err)
	}
}
