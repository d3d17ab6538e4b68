package cost

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticks are how many units of a process's CPU time the kernel counts in a second:
// USER_HZ, which is the same on every architecture that Go knows (time(7)).
const ticks = 100

// process is what the kernel tells of one, at a moment.
type process struct {
	id, parent int
	// started is when it began, in the kernel's ticks: with the id it names a process.
	started uint64
	name    string        // of its program, as it was called
	cpu     time.Duration // its own, since it began
	memory  uint64        // in bytes, that it shares with no file and no other process
}

// processes reads all that there are below root, it included, from a proc file
// system. One that ends meanwhile is left out.
func processes(proc string, root int) ([]process, error) {
	entries, err := os.ReadDir(proc)
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	known := map[int]process{}
	children := map[int][]int{}
	for _, entry := range entries {
		id, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		read, found := readProcess(filepath.Join(proc, entry.Name()), id)
		if !found {
			continue
		}
		known[id] = read
		children[read.parent] = append(children[read.parent], id)
	}
	var below []process
	for queue := []int{root}; len(queue) > 0; queue = queue[1:] {
		read, found := known[queue[0]]
		if !found {
			continue
		}
		// Once each, whatever a list says that was not made at one instant.
		delete(known, queue[0])
		read.name = programOf(filepath.Join(proc, strconv.Itoa(read.id)))
		below = append(below, read)
		queue = append(queue, children[read.id]...)
	}
	return below, nil
}

// readProcess reads /proc/pid/stat and statm (proc_pid_stat(5), proc_pid_statm(5)).
func readProcess(dir string, id int) (process, bool) {
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return process{}, false
	}
	// The name is in parentheses and may hold any character, those too.
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 {
		return process{}, false
	}
	fields := strings.Fields(string(stat[end+1:]))
	// From the third field on: the parent is the 4th, CPU times the 14th and 15th,
	// and the beginning the 22nd.
	const parent, user, system, started = 4 - 3, 14 - 3, 15 - 3, 22 - 3
	if len(fields) <= started {
		return process{}, false
	}
	numbers := map[int]uint64{}
	for _, at := range []int{parent, user, system, started} {
		if numbers[at], err = strconv.ParseUint(fields[at], 10, 63); err != nil {
			return process{}, false
		}
	}
	return process{
		id: id, parent: int(numbers[parent]), started: numbers[started], //nolint:gosec // a process id
		cpu:    time.Duration(numbers[user]+numbers[system]) * time.Second / ticks, //nolint:gosec // fits, see above
		memory: ownMemory(dir),
	}, true
}

// ownMemory is 0 of a process that has none any more.
func ownMemory(dir string) uint64 {
	statm, err := os.ReadFile(filepath.Join(dir, "statm"))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(statm))
	if len(fields) < 3 {
		return 0
	}
	resident, err := strconv.ParseUint(fields[1], 10, 40)
	if err != nil {
		return 0
	}
	shared, err := strconv.ParseUint(fields[2], 10, 40)
	if err != nil || shared > resident {
		return 0
	}
	return (resident - shared) * uint64(os.Getpagesize()) //nolint:gosec // is positive
}

// programOf is the name that a program was called by, without its path.
func programOf(dir string) string {
	line, err := os.ReadFile(filepath.Join(dir, "cmdline"))
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(string(line), "\x00")
	// Chromium writes its whole command line over it, with blanks.
	name, _, _ = strings.Cut(name, " ")
	return filepath.Base(name)
}
