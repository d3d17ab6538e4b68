package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// pollInterval is how often readiness is probed.
const pollInterval = 50 * time.Millisecond

// groupTimeout is the longest that is waited for the rest of a killed program's
// process group: only the kernel can hold one up.
const groupTimeout = 5 * time.Second

// logGrace is how long an ended program's children may keep its bounded log open.
const logGrace = time.Second

// logTail is how much of a program's log an error quotes, in bytes.
const logTail = 2000

// Command says what to start.
type Command struct {
	Name string // what a person calls it, for errors
	Path string // the executable
	// Argv0 is the name that the program is called by; empty means its path.
	Argv0 string
	Args  []string // without the executable's name
	Env   []string // the whole environment; nil is an empty one
	Dir   string   // working directory
	Log   string   // file that takes standard output and error, made anew
	// LogLimit is the longest that the log may get, in bytes, of a program that
	// nobody answers for. What is too much is left out, but for its end. 0 is no limit.
	LogLimit int64
	// Attributes are system specific settings, or nil.
	Attributes *syscall.SysProcAttr
}

// Process is a running program. What it starts in its process group ends with it.
type Process struct {
	command Command
	cmd     *exec.Cmd
	done    chan struct{}
	err     error // valid after done is closed
}

// Start starts the command. Its log's directory must exist.
func Start(command Command) (*Process, error) {
	file, err := os.Create(command.Log)
	if err != nil {
		return nil, fmt.Errorf("start %s: its log: %w", command.Name, err)
	}
	var log io.WriteCloser = file
	if command.LogLimit > 0 {
		log = &boundedLog{file: file, limit: command.LogLimit}
	}
	cmd := exec.Command(command.Path, command.Args...)
	if command.Argv0 != "" {
		cmd.Args[0] = command.Argv0
	}
	cmd.Dir = command.Dir
	cmd.Env = command.Env
	if cmd.Env == nil {
		cmd.Env = []string{}
	}
	cmd.Stdout = log
	cmd.Stderr = log
	cmd.WaitDelay = logGrace
	var attributes syscall.SysProcAttr
	if command.Attributes != nil {
		attributes = *command.Attributes
	}
	// A group of its own: Ctrl-C at the terminal reaches the command alone,
	// which then stops its programs in order.
	attributes.Setpgid = true
	cmd.SysProcAttr = &attributes
	if err := cmd.Start(); err != nil {
		_ = log.Close()
		return nil, fmt.Errorf("start %s (%s): %w", command.Name, command.Path, err)
	}
	process := &Process{command: command, cmd: cmd, done: make(chan struct{})}
	go func() {
		if process.err = cmd.Wait(); errors.Is(process.err, exec.ErrWaitDelay) {
			process.err = nil
		}
		_ = log.Close()
		// What it started must not outlive it and keep its port or its files.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		close(process.done)
	}()
	return process, nil
}

// PID returns the process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// LogFile returns the path of the program's log.
func (p *Process) LogFile() string { return p.command.Log }

// AwaitReady probes until probe returns nil. It fails at once when the program
// ends first, also if somebody else answers the probe then, and with probe's
// last error when ctx ends first.
func (p *Process) AwaitReady(ctx context.Context, probe func(context.Context) error) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := probe(ctx)
		select {
		case <-p.done:
			return fmt.Errorf("%s ended before it was ready (%s); the end of its log (%s):\n%s",
				p.command.Name, p.Ending(), p.command.Log, p.LogTail())
		default:
		}
		if err == nil {
			return nil
		}
		select {
		case <-p.done:
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready in time: %w; the end of its log (%s):\n%s",
				p.command.Name, errors.Join(context.Cause(ctx), err), p.command.Log, p.LogTail())
		case <-ticker.C:
		}
	}
}

// LogTail returns the end of the program's log, without its secrets.
func (p *Process) LogTail() string {
	content, err := os.ReadFile(p.command.Log)
	if err != nil {
		return fmt.Sprintf("(no log: %v)", err)
	}
	// Before the cut: half a token is not recognized.
	text := redact.Text(string(content))
	if len(text) > logTail {
		text = text[len(text)-logTail:]
		if _, lines, found := strings.Cut(text, "\n"); found {
			text = lines
		}
	}
	return strings.TrimSpace(text)
}

// Stop asks the program to end and kills it when it has not after grace. It
// returns when the program is gone. Stopping twice is no error.
func (p *Process) Stop(grace time.Duration) error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
	}
	return p.Kill()
}

// Kill ends the program and everything in its process group at once, and returns
// when all of it is gone: a script's program, say, holds its port a moment longer
// than the script lives.
func (p *Process) Kill() error {
	select {
	case <-p.done:
		// Its number may be another process's by now.
		return nil
	default:
	}
	err := p.signal(syscall.SIGKILL)
	<-p.done
	deadline := time.Now().Add(groupTimeout)
	for syscall.Kill(-p.PID(), 0) == nil && time.Now().Before(deadline) {
		time.Sleep(pollInterval)
	}
	return err
}

func (p *Process) signal(signal syscall.Signal) error {
	select {
	case <-p.done:
		// Its number may be another process's by now.
		return nil
	default:
	}
	err := syscall.Kill(-p.PID(), signal)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("send %s to %s: %w", signal, p.command.Name, err)
	}
	return nil
}

// Ending says how the program ended, once Done is closed.
func (p *Process) Ending() string {
	if p.err == nil {
		return "exit status 0"
	}
	return p.err.Error()
}

// LogPath returns <dir>/<name>.log, making dir when it is missing.
func LogPath(dir, name string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the log directory: %w", err)
	}
	return filepath.Join(dir, name+".log"), nil
}
