package reaper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	pollInterval = 20 * time.Millisecond
	// killTimeout is how long killed processes may take to be gone: only the
	// kernel can hold one up.
	killTimeout = 15 * time.Second
)

// clean ends everything below this process and removes the owned directories.
func clean(list *os.File, grace time.Duration) error {
	failed := []error{endDescendants(grace)}
	dirs, err := directories(list)
	failed = append(failed, err)
	for _, dir := range dirs {
		failed = append(failed, unmountBelow(dir), remove(dir))
	}
	return errors.Join(failed...)
}

// endDescendants asks everything below this process to end, and kills what has
// not after grace. It returns when nothing is left.
func endDescendants(grace time.Duration) error {
	deadline := time.Now().Add(grace)
	if grace > 0 {
		if err := signalDescendants(syscall.SIGTERM); err != nil {
			return err
		}
	}
	for time.Now().Before(deadline) {
		left, err := descendants(os.Getpid())
		if err != nil || len(left) == 0 {
			return err
		}
		time.Sleep(pollInterval)
	}
	deadline = time.Now().Add(killTimeout)
	for {
		// Again and again: one may have forked while it was being looked for.
		if err := signalDescendants(syscall.SIGKILL); err != nil {
			return err
		}
		left, err := descendants(os.Getpid())
		if err != nil || len(left) == 0 {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("these processes are still there %s after they were killed: %v", killTimeout, left)
		}
		time.Sleep(pollInterval)
	}
}

func signalDescendants(number syscall.Signal) error {
	pids, err := descendants(os.Getpid())
	if err != nil {
		return err
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, number); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("send %s to process %d: %w", number, pid, err)
		}
	}
	return nil
}

// descendants returns the processes below one, those apart that have ended. Its
// own children among those it reaps.
func descendants(of int) ([]int, error) {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err != nil || pid <= 0 {
			break
		}
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	children := map[int][]int{}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if parent, alive := parentOf(pid); alive {
			children[parent] = append(children[parent], pid)
		}
	}
	var found []int
	for queue := children[of]; len(queue) > 0; queue = queue[1:] {
		found = append(found, queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return found, nil
}

// parentOf reads a process's parent, and whether it has not ended yet
// (proc(5), /proc/pid/stat).
func parentOf(pid int) (parent int, alive bool) {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, false
	}
	// The name is in parentheses and may hold any character, those too.
	end := strings.LastIndexByte(string(content), ')')
	if end < 0 {
		return 0, false
	}
	fields := strings.Fields(string(content[end+1:]))
	if len(fields) < 2 || fields[0] == "Z" || fields[0] == "X" {
		return 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return parent, err == nil
}

// unmountBelow unmounts what is mounted in a directory, the deepest first.
func unmountBelow(dir string) error {
	content, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return fmt.Errorf("list the mounts: %w", err)
	}
	var mounts []string
	for line := range strings.Lines(string(content)) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			continue
		}
		point := unescape(fields[4])
		if point == dir || strings.HasPrefix(point, dir+"/") {
			mounts = append(mounts, point)
		}
	}
	slices.SortFunc(mounts, func(a, b string) int { return len(b) - len(a) })
	var failed []error
	for _, point := range mounts {
		if err := unix.Unmount(point, unix.MNT_DETACH); err != nil {
			failed = append(failed, fmt.Errorf("unmount %s: %w", point, err))
		}
	}
	return errors.Join(failed...)
}

// unescape reads a path as mountinfo writes it: blanks as octal numbers.
func unescape(path string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(path)
}

// remove removes a directory, with what is read-only in it.
func remove(dir string) error {
	if os.RemoveAll(dir) == nil {
		return nil
	}
	// What cannot be looked into cannot be removed either; the second attempt
	// says what is wrong.
	_ = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return nil
	})
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove the directory %s: %w", dir, err)
	}
	return nil
}
