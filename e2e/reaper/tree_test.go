package reaper

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is the longest that anything here may take. It is shorter than the
// grace after a first Ctrl-C, so that ending at once can be told from waiting.
const patience = 40 * time.Second

// tree is a run below a reaper. Everybody in it holds the writing end of its
// output: the output's end is the kernel's word that all of it is gone.
type tree struct {
	t       *testing.T
	first   *exec.Cmd
	input   io.WriteCloser
	output  *os.File
	lines   *bufio.Reader
	stderr  *os.File
	tempDir string
	pids    map[string]int // by part; of the worker and the reaper too
}

// plant starts a run whose temporary directory is the test's own.
func plant(t *testing.T, part string, attributes *syscall.SysProcAttr, environment ...string) *tree {
	t.Helper()
	output, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	t.Cleanup(func() { output.Close() })
	if err := output.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	tempDir := t.TempDir()
	if attributes != nil && attributes.Credential != nil {
		if err := os.Chmod(filepath.Dir(tempDir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(tempDir, int(attributes.Credential.Uid), int(attributes.Credential.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	stderr, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stderr.Close() })
	first := exec.Command("/proc/self/exe")
	first.Env = append(append(os.Environ(), partVariable+"="+part, "TMPDIR="+tempDir), environment...)
	first.SysProcAttr = attributes
	first.Stdout, first.Stderr = theirs, stderr
	input, err := first.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	grown := &tree{
		t: t, first: first, input: input, output: output, lines: bufio.NewReader(output),
		stderr: stderr, tempDir: tempDir, pids: map[string]int{"first": first.Process.Pid},
	}
	t.Cleanup(grown.fell)
	return grown
}

// fell ends what a failed test has left.
func (g *tree) fell() {
	if !g.t.Failed() {
		return
	}
	for _, pid := range g.pids {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// hear reads the next line.
func (g *tree) hear() string {
	g.t.Helper()
	line, err := g.lines.ReadString('\n')
	if err != nil {
		g.t.Fatalf("hear the processes: %v; stderr:\n%s", err, g.complaints())
	}
	words := strings.Fields(line)
	if strings.Contains(line, "failed") {
		g.t.Fatal(line)
	}
	if len(words) > 1 {
		if pid, err := strconv.Atoi(words[1]); err == nil {
			g.pids[words[0]] = pid
		}
	}
	if words[0] == "worker" {
		g.pids["reaper"], _ = strconv.Atoi(words[2])
	}
	return strings.TrimSpace(line)
}

// ready waits until every process of the run is.
func (g *tree) ready() *tree {
	g.t.Helper()
	for range readyLines {
		g.hear()
	}
	return g
}

// tell gives the worker its order.
func (g *tree) tell(order string) {
	g.t.Helper()
	if _, err := fmt.Fprintln(g.input, order); err != nil {
		g.t.Fatal(err)
	}
}

func (g *tree) kill(whom string, number syscall.Signal) {
	g.t.Helper()
	if err := syscall.Kill(g.pids[whom], number); err != nil {
		g.t.Fatalf("send %s to the %s: %v", number, whom, err)
	}
}

// gone waits for the end of every process, and checks that no directory is
// left. It returns the exit code of the first process, 128 and more for a
// signal, and what else was said.
func (g *tree) gone() (code int, said string) {
	g.t.Helper()
	rest, err := io.ReadAll(g.lines)
	if err != nil {
		g.t.Fatalf("something still runs (%v): %v; stderr:\n%s", err, g.pids, g.complaints())
	}
	_ = g.first.Wait()
	left, err := os.ReadDir(g.tempDir)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, entry := range left {
		g.t.Errorf("%s is left in the temporary directory; stderr:\n%s", entry.Name(), g.complaints())
	}
	return exitCode(g.first.ProcessState.Sys().(syscall.WaitStatus)), string(rest)
}

func (g *tree) complaints() string {
	content, err := os.ReadFile(g.stderr.Name())
	if err != nil {
		g.t.Fatal(err)
	}
	return string(bytes.TrimSpace(content))
}
