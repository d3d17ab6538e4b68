package dashboard

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// A Headlamp that cannot be told an address (0.28 and before) listens on all that
// the machine has. It starts in a network namespace of its own, with a loopback
// device and nothing else: nobody reaches it from elsewhere, and it reaches nobody.
// Ways lead through over sockets in the file system, which network namespaces
// share: inward to its port, and outward to the addresses that it was told of.

// guideName is the name under which this program is called to keep the far ends of
// the ways, inside the replica's network.
const guideName = "headlamp-conformance-guide"

// longestSocketPath is the longest path that a socket may have (Linux, unix(7)).
const longestSocketPath = 107

// ways are the connections that lead into a replica's network and out of it.
type ways struct {
	Dir     string   // of their sockets
	Port    int      // of the dashboard
	Outward []string // the addresses that it may reach, with their ports
}

func (w ways) inward() string { return filepath.Join(w.Dir, "in") }

func (w ways) outward(i int) string { return filepath.Join(w.Dir, strconv.Itoa(i)) }

// waysFor are those that a replica with these settings needs.
func waysFor(settings Settings) (ways, error) {
	needed := ways{
		Dir: filepath.Join(settings.Dir, "ways"), Port: settings.Port,
		Outward: []string{net.JoinHostPort(settings.APIServerHost, strconv.Itoa(settings.APIServerPort))},
	}
	for _, issuer := range []string{settings.Issuer, settings.ValidatorIssuer} {
		if issuer == "" {
			continue
		}
		address, err := url.Parse(issuer)
		if err != nil {
			return ways{}, fmt.Errorf("the issuer's address: %w", err)
		}
		if !slices.Contains(needed.Outward, address.Host) {
			needed.Outward = append(needed.Outward, address.Host)
		}
	}
	if length := len(needed.outward(len(needed.Outward))); length > longestSocketPath {
		return ways{}, fmt.Errorf("the path %s is %d bytes too long for a socket; give a shorter TMPDIR", needed.Dir, length-longestSocketPath)
	}
	return needed, nil
}

// nearEnds are the ends of the ways on this side. They outlive a restart.
type nearEnds struct{ listeners []net.Listener }

// openNear opens the ends on this side: the replica's address for whoever comes,
// and a socket for each address that it may reach.
func openNear(w ways, address string) (*nearEnds, error) {
	if err := os.MkdirAll(w.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the ways into a replica's network: %w", err)
	}
	ends := &nearEnds{}
	open := func(network, at, onNetwork, to string) error {
		listener, err := net.Listen(network, at)
		if err != nil {
			return fmt.Errorf("open a way through a replica's network: %w", err)
		}
		ends.listeners = append(ends.listeners, listener)
		go carry(listener, onNetwork, to)
		return nil
	}
	err := open("tcp", net.JoinHostPort(address, strconv.Itoa(w.Port)), "unix", w.inward())
	for i, to := range w.Outward {
		if err == nil {
			err = open("unix", w.outward(i), "tcp", to)
		}
	}
	if err != nil {
		return nil, errors.Join(err, ends.Close())
	}
	return ends, nil
}

// Close closes the ends. Connections that are open end with the dashboard.
func (e *nearEnds) Close() error {
	if e == nil {
		return nil
	}
	var failures []error
	for _, listener := range e.listeners {
		failures = append(failures, listener.Close())
	}
	e.listeners = nil
	return errors.Join(failures...)
}

// keepFarEnds is what the guide does, inside the replica's network. It says on
// ready that the ends are open, and returns only when something failed.
func keepFarEnds(encoded string, ready io.WriteCloser) error {
	var w ways
	if err := json.Unmarshal([]byte(encoded), &w); err != nil {
		return fmt.Errorf("read which ways there are: %w", err)
	}
	// One that was killed leaves its socket.
	if err := os.Remove(w.inward()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	inward, err := net.Listen("unix", w.inward())
	if err != nil {
		return err
	}
	for i, address := range w.Outward {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return err
		}
		go carry(listener, "unix", w.outward(i))
	}
	if _, err := ready.Write([]byte{1}); err != nil {
		return err
	}
	if err := ready.Close(); err != nil {
		return err
	}
	carry(inward, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(w.Port)))
	return errors.New("the way to the dashboard is closed")
}

// furnishNetwork makes the replica's network what a dashboard needs: the loopback
// device is up, and a guide, which ends with the process group, keeps the ways.
func furnishNetwork(encoded string) error {
	if err := raiseLoopback(); err != nil {
		return fmt.Errorf("raise the loopback device: %w", err)
	}
	var w ways
	if err := json.Unmarshal([]byte(encoded), &w); err != nil {
		return fmt.Errorf("read which ways there are: %w", err)
	}
	if w.Dir == "" {
		return nil // a trial
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	ready, tell, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ready.Close()
	guide := exec.Command(self, encoded)
	guide.Args[0] = guideName
	guide.Env = []string{}
	guide.Stdout, guide.Stderr = os.Stdout, os.Stderr
	guide.ExtraFiles = []*os.File{tell}
	if err := errors.Join(guide.Start(), tell.Close()); err != nil {
		return fmt.Errorf("start the guide: %w", err)
	}
	if _, err := io.ReadFull(ready, make([]byte, 1)); err != nil {
		return fmt.Errorf("the guide ended before the ways were open: %w", errors.Join(err, guide.Wait()))
	}
	return guide.Process.Release()
}

func raiseLoopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	device, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFFLAGS, device); err != nil {
		return err
	}
	device.SetUint16(device.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, device)
}
