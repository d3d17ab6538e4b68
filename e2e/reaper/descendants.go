package reaper

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	pollInterval = 20 * time.Millisecond
	// killTimeout is how long killed processes may take to be gone: only the
	// kernel can hold one up, or another user's rights.
	killTimeout = 15 * time.Second
)

// endDescendants asks everything below this process to end, and kills what has
// not after grace. It returns when nothing is left.
func endDescendants(grace time.Duration) error {
	if grace > 0 {
		// Whoever cannot be asked cannot be killed either, which is said below.
		_ = signalDescendants(syscall.SIGTERM)
		for deadline := time.Now().Add(grace); time.Now().Before(deadline); time.Sleep(pollInterval) {
			if childless() {
				return nil
			}
		}
	}
	for deadline := time.Now().Add(killTimeout); ; time.Sleep(pollInterval) {
		// Again and again: one may have forked while it was being looked for.
		err := signalDescendants(syscall.SIGKILL)
		if childless() {
			return nil
		}
		if time.Now().After(deadline) {
			left, listErr := descendants(os.Getpid())
			return errors.Join(fmt.Errorf("these processes are still there %s after they were killed: %v", killTimeout, left), err, listErr)
		}
	}
}

// childless reaps what has ended, and says whether this process has no child
// left. That is the kernel's own word that nothing is below a subreaper: every
// orphan falls to it. A list of all processes is none, for it is not made at
// one instant.
func childless() bool {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG|unix.WALL, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return true
		case pid == 0:
			return false
		}
	}
}

// signalDescendants sends a signal to all it can, and says to whom it cannot.
func signalDescendants(number syscall.Signal) error {
	pids, err := descendants(os.Getpid())
	failed := []error{err}
	for _, pid := range pids {
		if err := syscall.Kill(pid, number); err != nil && !errors.Is(err, syscall.ESRCH) {
			failed = append(failed, fmt.Errorf("send %s to process %d: %w", number, pid, err))
		}
	}
	return errors.Join(failed...)
}

// descendants returns the processes below one. Those that the kernel calls
// zombies are among them: one whose first thread alone has ended is called so
// too, and runs on.
func descendants(of int) ([]int, error) {
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
		// A process that has gone since has no parent any more.
		content, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		if err != nil {
			continue
		}
		if parent, known := parseParent(string(content)); known {
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

// parseParent reads the parent's process id from the content of a process's
// /proc/pid/stat (proc_pid_stat(5)).
func parseParent(stat string) (parent int, known bool) {
	// The name is in parentheses and may hold any character, those too.
	end := strings.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, false
	}
	fields := strings.Fields(stat[end+1:])
	if len(fields) < 2 {
		return 0, false
	}
	parent, err := strconv.Atoi(fields[1])
	return parent, err == nil && parent >= 0
}
