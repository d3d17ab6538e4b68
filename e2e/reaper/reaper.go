package reaper

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// roleVariable tells a process of the program which of the three it is. What
// the worker starts sees activeRole.
const (
	roleVariable = "HEADLAMP_CONFORMANCE_REAPER"
	reaperRole   = "reaper"
	workerRole   = "worker"
	activeRole   = "active"
)

// The file descriptors that the processes inherit, after the standard three.
const (
	reaperPipe  = 3
	reaperOwned = 4
	workerOwned = 3
)

const (
	// brokenStatus is the exit code when this package fails: as the command's
	// "blocked", it says nothing about the dashboard.
	brokenStatus = 3
	// killedStatus and a signal's number are the exit code of what it ended.
	killedStatus = 128
)

const (
	// termGrace is how long what is left over has to end by itself.
	termGrace = 2 * time.Second
	// interruptGrace is how long the worker has after a first Ctrl-C; a second
	// one ends the patience at once.
	interruptGrace = 45 * time.Second
)

var forwarded = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP}

// Active says whether this process runs below a reaper.
func Active() bool { return os.Getenv(roleVariable) != "" }

// Run runs work below a reaper and returns its exit code, or 128 and the number
// of the signal that ended it. Below a reaper already, it just runs work.
func Run(work func() int) int {
	switch os.Getenv(roleVariable) {
	case "":
		return runFirst()
	case reaperRole:
		return runReaper()
	case workerRole:
		owned = os.NewFile(workerOwned, "owned")
		unix.CloseOnExec(workerOwned)
		if err := os.Setenv(roleVariable, activeRole); err != nil {
			return complain(err)
		}
		return work()
	default:
		return work()
	}
}

// runFirst starts the reaper, passes signals on, and cleans up itself when the
// reaper was killed.
func runFirst() int {
	if err := becomeSubreaper(); err != nil {
		return complain(err)
	}
	descriptor, err := unix.MemfdCreate("owned", unix.MFD_CLOEXEC)
	if err != nil {
		return complain(fmt.Errorf("make the list of owned directories: %w", err))
	}
	list := os.NewFile(uintptr(descriptor), "owned")
	alive, held, err := os.Pipe()
	if err != nil {
		return complain(err)
	}
	defer held.Close() // its end tells the reaper that this process is gone
	reaper := exec.Command("/proc/self/exe", os.Args[1:]...)
	reaper.Args[0] = os.Args[0]
	reaper.Env = append(os.Environ(), roleVariable+"="+reaperRole)
	reaper.Stdin, reaper.Stdout, reaper.Stderr = os.Stdin, os.Stdout, os.Stderr
	reaper.ExtraFiles = []*os.File{alive, list}
	// Ctrl-C at the terminal reaches this process alone, which passes it on.
	reaper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	signals := listen()
	if err := reaper.Start(); err != nil {
		return complain(fmt.Errorf("start the reaper: %w", err))
	}
	_ = alive.Close()
	go func() {
		for received := range signals {
			// The reaper may have just ended.
			_ = reaper.Process.Signal(received)
		}
	}()
	// How it ended is in its state.
	_ = reaper.Wait()
	code := exitCode(reaper.ProcessState.Sys().(syscall.WaitStatus))
	if !reaper.ProcessState.Exited() {
		fmt.Fprintf(os.Stderr, "headlamp-conformance: the reaper was killed (%v); removing what the run started\n", reaper.ProcessState)
	}
	// Nothing is left to do here, unless the reaper itself was ended.
	return complainBeside(code, clean(list, 0))
}

// runReaper starts the worker, and cleans up after it or after the first
// process, whichever goes first.
func runReaper() int {
	// The worker's death signal is tied to the thread that started it.
	runtime.LockOSThread()
	unix.CloseOnExec(reaperPipe)
	unix.CloseOnExec(reaperOwned)
	list := os.NewFile(reaperOwned, "owned")
	if err := becomeSubreaper(); err != nil {
		return complain(err)
	}
	// The environment must not hold two roles: the first one would count.
	if err := os.Setenv(roleVariable, workerRole); err != nil {
		return complain(err)
	}
	signals := listen()
	worker, err := os.StartProcess("/proc/self/exe", os.Args, &os.ProcAttr{
		Env:   os.Environ(),
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr, list},
		Sys:   &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		return complain(fmt.Errorf("start the worker: %w", err))
	}
	orphaned := make(chan struct{})
	go func() {
		// Nobody writes: the read ends when the first process does.
		_, _ = os.NewFile(reaperPipe, "alive").Read(make([]byte, 1))
		close(orphaned)
	}()
	code, grace := supervise(worker.Pid, signals, orphaned)
	code = complainBeside(code, clean(list, grace))
	// What could be done is done: the first process need not try again.
	return complainBeside(code, list.Truncate(0))
}

// supervise waits for the worker, reaps everything else that ends, and passes
// signals on. It returns the worker's exit code, and how long what is left over
// has to end by itself.
func supervise(worker int, signals <-chan os.Signal, orphaned <-chan struct{}) (code int, grace time.Duration) {
	ended := make(chan int, 1)
	go func() {
		for {
			var status syscall.WaitStatus
			pid, err := syscall.Wait4(-1, &status, 0, nil)
			switch {
			case errors.Is(err, syscall.EINTR):
			case err != nil:
				// No child is left, the worker included.
				return
			case pid == worker:
				ended <- exitCode(status)
				return
			}
		}
	}()
	var impatient <-chan time.Time
	grace = termGrace
	interrupted := false
	for {
		select {
		case code := <-ended:
			return code, grace
		case <-orphaned:
			return killedStatus + int(syscall.SIGKILL), 0
		case <-impatient:
			grace = 0
			_ = syscall.Kill(worker, syscall.SIGKILL)
		case received := <-signals:
			if interrupted {
				grace = 0
				_ = syscall.Kill(worker, syscall.SIGKILL)
				continue
			}
			interrupted = true
			impatient = time.After(interruptGrace)
			if number, ok := received.(syscall.Signal); ok {
				_ = syscall.Kill(worker, number)
			}
		}
	}
}

// listen returns the signals to pass on. A reader of our output that is gone
// must not end this process before it has cleaned up.
func listen() <-chan os.Signal {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, forwarded...)
	return signals
}

func exitCode(status syscall.WaitStatus) int {
	if status.Signaled() {
		return killedStatus + int(status.Signal())
	}
	return status.ExitStatus()
}

func becomeSubreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become the one that orphans fall to: %w", err)
	}
	return nil
}

func complain(err error) int {
	fmt.Fprintf(os.Stderr, "headlamp-conformance: %v\n", err)
	return brokenStatus
}

// complainBeside says what failed after the work had its exit code, and returns
// the code that tells more: the work's own, unless that would look like success.
func complainBeside(code int, err error) int {
	if err == nil {
		return code
	}
	if broken := complain(err); code == 0 {
		return broken
	}
	return code
}
