package reaper

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary plays every process of a run itself. partVariable says which,
// and the other variables how.
const (
	partVariable     = "REAPER_TEST_PART"
	stubbornVariable = "REAPER_TEST_STUBBORN" // the worker does not end on a signal
	startVariable    = "REAPER_TEST_START"    // the worker starts this descendant alone
	ownVariable      = "REAPER_TEST_OWN"      // the worker owns this directory too
	mountVariable    = "REAPER_TEST_MOUNT"    // the worker mounts; this directory too
)

// lifeLimit ends what a broken reaper has left behind.
const lifeLimit = 2 * time.Minute

var parts = map[string]func() int{
	"program":    func() int { return Run(work) },
	"sleeper":    sleeper,
	"stubborn":   stubborn,
	"launcher":   launcher,
	"daemon":     daemon,
	"headless":   headless,
	"hopper":     hopper,
	"namespace":  namespace,
	"locked":     locked,
	"remover":    remover,
	"unheard":    unheard,
	"unreadable": unreadable,
}

func init() {
	if os.Getenv(partVariable) == "headless" {
		// Main has to run on the first thread, to end that one.
		runtime.LockOSThread()
	}
}

func TestMain(m *testing.M) {
	name := os.Getenv(partVariable)
	if name == "" {
		os.Exit(m.Run())
	}
	time.AfterFunc(lifeLimit, func() { os.Exit(99) })
	os.Exit(parts[name]())
}

// say tells the test one thing, in one write.
func say(format string, args ...any) {
	_, _ = os.Stdout.WriteString(fmt.Sprintf(format, args...) + "\n")
}

// play starts the test binary in another part, on the same output.
func play(part string, attributes *syscall.SysProcAttr, environment ...string) *exec.Cmd {
	command := exec.Command("/proc/self/exe")
	command.Env = append(append(os.Environ(), partVariable+"="+part), environment...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.SysProcAttr = attributes
	return command
}

// descendantParts are what the worker starts, unless the test says otherwise;
// each says when it is ready.
var descendantParts = []string{"sleeper", "stubborn", "launcher", "headless"}

// readyLines is how many lines a tree says until all of it is ready: one a
// descendant, and one of the worker.
var readyLines = len(descendantParts) + 1

// unheard is a program whose complaints nobody reads any more.
func unheard() int {
	reader, writer, err := os.Pipe()
	if err == nil {
		err = errors.Join(unix.Dup2(int(writer.Fd()), 2), reader.Close())
	}
	if err != nil {
		say("unheard failed: %v", err)
		return 1
	}
	return Run(work)
}

// work is the worker: it owns a directory, starts descendants, and ends as the
// test says on standard input.
func work() int {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, forwarded...)
	dir, err := MkdirTemp()
	if more := os.Getenv(ownVariable); more != "" && err == nil {
		err = errors.Join(Own(more), os.MkdirAll(filepath.Join(more, "below"), 0o755))
	}
	if precious := os.Getenv(mountVariable); precious != "" && err == nil {
		err = mountIn(dir, precious)
	}
	if err != nil {
		say("worker failed: %v", err)
		return 90
	}
	starts := descendantParts
	if part := os.Getenv(startVariable); part != "" {
		starts = []string{part}
	}
	for _, part := range starts {
		if err := play(part, nil).Start(); err != nil {
			say("worker failed: %v", err)
			return 91
		}
	}
	say("worker %d %d", os.Getpid(), os.Getppid())
	orders := make(chan string)
	go func() {
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		orders <- strings.TrimSpace(line)
	}()
	for {
		select {
		case received := <-signals:
			say("signal %s", received)
			if os.Getenv(stubbornVariable) == "" {
				return 42
			}
		case order := <-orders:
			switch order {
			case "panic":
				panic("the worker panics")
			case "panic elsewhere":
				go func() { panic("a goroutine of the worker's panics") }()
				select {}
			default:
				code, err := strconv.Atoi(order)
				if err != nil {
					return 92
				}
				return code
			}
		}
	}
}

func sleeper() int {
	say("sleeper %d", os.Getpid())
	select {}
}

// stubborn does not end on any signal that can be caught.
func stubborn() int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	say("stubborn %d", os.Getpid())
	select {}
}

// launcher leaves a daemon behind, in a session of its own, and ends: what a
// double fork comes to.
func launcher() int {
	if err := play("daemon", &syscall.SysProcAttr{Setsid: true}).Start(); err != nil {
		say("launcher failed: %v", err)
		return 1
	}
	return 0
}

func daemon() int {
	signal.Ignore(syscall.SIGTERM)
	say("daemon %d", os.Getpid())
	select {}
}

// headless ends its first thread and runs on: the kernel calls it a zombie.
func headless() int {
	go func() {
		for stat := ""; !strings.Contains(stat, ") Z "); runtime.Gosched() {
			content, _ := os.ReadFile("/proc/self/stat")
			stat = string(content)
		}
		say("headless %d", os.Getpid())
		select {}
	}()
	_, _, _ = syscall.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
	return 1
}

// hopper is never the same process for long: each starts the next and ends.
func hopper() int {
	const script = `trap "" TERM; hop() { sleep 0.1; hop & }; echo "hopper $$"; hop`
	shell, err := exec.LookPath("sh")
	if err == nil {
		err = syscall.Exec(shell, []string{"sh", "-c", script}, os.Environ())
	}
	say("hopper failed: %v", err)
	return 1
}
