package reaper

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// unmountBelow unmounts what is mounted in a directory, the deepest first.
func unmountBelow(dir string) error {
	// The kernel lists the mounts by their real paths. The directory's own name
	// is not followed: what a symbolic link in its place leads to is not ours.
	parent, err := filepath.EvalSymlinks(filepath.Dir(dir))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the directory: %w", err)
	}
	content, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return fmt.Errorf("list the mounts: %w", err)
	}
	var failed []error
	for _, point := range mountsBelow(string(content), filepath.Join(parent, filepath.Base(dir))) {
		if err := unix.Unmount(point, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW); err != nil {
			failed = append(failed, fmt.Errorf("unmount %s: %w", point, err))
		}
	}
	return errors.Join(failed...)
}

// mountsBelow returns the mount points in a directory, itself included, out of
// the content of /proc/self/mountinfo (proc_pid_mountinfo(5)), the deepest
// first. One on which another lies is in it twice.
func mountsBelow(mountinfo, dir string) []string {
	var points []string
	for line := range strings.Lines(mountinfo) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			continue
		}
		point := unescape(fields[4])
		if point == dir || strings.HasPrefix(point, dir+"/") {
			points = append(points, point)
		}
	}
	slices.SortStableFunc(points, func(a, b string) int { return len(b) - len(a) })
	return points
}

var mountEscapes = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// unescape reads a path as mountinfo writes it: blanks and backslashes as octal
// numbers.
func unescape(path string) string { return mountEscapes.Replace(path) }
