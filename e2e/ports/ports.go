package ports

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
)

// The range lies below the kernel's ephemeral ports (32768 and up on Linux),
// so that no outgoing connection takes a leased port before its owner binds it.
const (
	first    = 20000
	last     = 31999
	attempts = 200
)

// Lease is a port that no other lease on this machine holds.
type Lease struct {
	Port int
	lock net.Listener
}

// Take leases a free port of 127.0.0.1. The lease ends with Release or with
// the process, whichever comes first.
func Take() (*Lease, error) {
	var reasons []error
	for range attempts {
		lease, err := TakePort(first + rand.IntN(last-first+1))
		if err == nil {
			return lease, nil
		}
		reasons = append(reasons, err)
	}
	return nil, fmt.Errorf("no free port between %d and %d in %d attempts: %w", first, last, attempts, reasons[len(reasons)-1])
}

// TakePort leases this very port, or says who stands in the way.
func TakePort(port int) (*Lease, error) {
	// An abstract socket is a lock that the kernel frees with its process and
	// that leaves no file behind.
	lock, err := net.Listen("unix", "@headlamp-conformance-port-"+strconv.Itoa(port))
	if err != nil {
		return nil, unavailable(port, "leased by another run", err)
	}
	if err := tryToListen(port); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &Lease{Port: port, lock: lock}, nil
}

func tryToListen(port int) error {
	// A child that was forked meanwhile would listen on until it has become its
	// program, and stand in the way of the lease's owner.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	probe, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return unavailable(port, "taken", err)
	}
	return probe.Close()
}

// Address returns 127.0.0.1:port.
func (l *Lease) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(l.Port)) }

// Release gives the port back.
func (l *Lease) Release() error { return l.lock.Close() }

// unavailable says who has a port, unless nobody has and it may not be used.
func unavailable(port int, by string, err error) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d cannot be used: %w", port, err)
	}
	return fmt.Errorf("port %d is %s: %w", port, by, err)
}
