package kubelet

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// LogLine is what the log of a pod's container says, again and again.
func LogLine(namespace, pod string) string {
	return "the stub kubelet writes the log of " + namespace + "/" + pod
}

// Greeting is what a terminal in a pod says at once, whatever command it was
// opened with.
func Greeting(namespace, pod string) string {
	return "the stub kubelet greets from " + namespace + "/" + pod
}

// Echo is what a terminal answers to a line.
func Echo(line string) string { return "the stub kubelet heard " + line }

var errNoOutput = errors.New("the terminal of the stub kubelet needs stdout")

// echo is the only program of every container.
type echo struct{ namespace string }

// ExecInContainer implements remotecommand.Executor. It ends with its input.
func (e echo) ExecInContainer(ctx context.Context, pod, _, _ string, _ []string, in io.Reader, out, _ io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	if out == nil {
		return errNoOutput
	}
	// A terminal needs the carriage return, and nobody else minds.
	say := func(text string) bool {
		_, err := io.WriteString(out, text+"\r\n")
		return err == nil
	}
	if !say(Greeting(e.namespace, pod)) || in == nil {
		return nil
	}
	lines := linesOf(ctx, in)
	for {
		select {
		case line, more := <-lines:
			if !more || !say(Echo(line)) {
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// linesOf reads lines until the input ends, or nobody listens any more.
func linesOf(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		scanner := bufio.NewScanner(in)
		scanner.Split(splitAtEnter)
		for scanner.Scan() {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}

// splitAtEnter splits lines at a carriage return, which is what a terminal sends
// for the Enter key, or at a newline.
func splitAtEnter(data []byte, atEnd bool) (advance int, token []byte, err error) {
	if end := bytes.IndexAny(data, "\r\n"); end >= 0 {
		return end + 1, data[:end], nil
	}
	if atEnd && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}
