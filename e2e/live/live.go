package live

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"time"
)

// State is what a spec is doing.
type State string

// The states of a spec, in their order.
const (
	Preparing State = "prepares"
	LoggingIn State = "logs in"
	Using     State = "uses the page"
	Holding   State = "holds"
	Judging   State = "compares its witnesses"
	Passed    State = "passed"
	NotPassed State = "did not pass"
	Skipped   State = "skipped"
)

// Message is one spec's state.
type Message struct {
	Scenario string `json:"scenario"`
	State    State  `json:"state"`
	Crossed  int    `json:"crossed,omitempty"` // expiries crossed so far
	Of       int    `json:"of,omitempty"`
	// Next is when the next expiry will have been crossed.
	Next time.Time `json:"next,omitzero"`
}

// Sender sends messages. Nil sends nothing.
type Sender struct {
	mu         sync.Mutex
	connection net.Conn
}

// Dial connects to the command's socket.
func Dial(path string) (*Sender, error) {
	connection, err := net.Dial("unix", path)
	if err != nil {
		return nil, fmt.Errorf("connect to the command's progress socket: %w", err)
	}
	return &Sender{connection: connection}, nil
}

// Send sends a message. What cannot be sent is dropped.
func (s *Sender) Send(message Message) {
	if s == nil {
		return
	}
	line, err := json.Marshal(message)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = s.connection.Write(append(line, '\n'))
}

// Close ends the connection.
func (s *Sender) Close() error {
	if s == nil {
		return nil
	}
	return s.connection.Close()
}

// Listener takes messages from any number of senders.
type Listener struct {
	listener net.Listener
	readers  sync.WaitGroup
	take     func(Message)
}

// Listen takes messages on a new socket at path, one at a time.
func Listen(path string, take func(Message)) (*Listener, error) {
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for progress: %w", err)
	}
	l := &Listener{listener: listener}
	var mu sync.Mutex
	l.take = func(message Message) {
		mu.Lock()
		defer mu.Unlock()
		take(message)
	}
	l.readers.Go(l.accept)
	return l, nil
}

// Close ends the listener; the socket's file goes with it.
func (l *Listener) Close() error { return l.listener.Close() }

func (l *Listener) accept() {
	for {
		connection, err := l.listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer connection.Close()
			lines := bufio.NewScanner(connection)
			for lines.Scan() {
				var message Message
				if json.Unmarshal(lines.Bytes(), &message) == nil {
					l.take(message)
				}
			}
		}()
	}
}
