package ports_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
)

// holderVariable makes the test binary lease the port that it names, and hold it
// until it is killed.
const holderVariable = "PORTS_TEST_HOLD"

func TestMain(m *testing.M) {
	held := os.Getenv(holderVariable)
	if held == "" {
		os.Exit(m.Run())
	}
	port, err := strconv.Atoi(held)
	if err == nil {
		_, err = ports.TakePort(port)
	}
	fmt.Println(err)
	// Until the test lets go of the other end.
	_, _ = os.Stdin.Read(make([]byte, 1))
}

func TestALeasedPortIsRefusedUntilReleased(t *testing.T) {
	t.Parallel()
	lease, err := ports.Take()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ports.TakePort(lease.Port); err == nil {
		t.Fatal("the same port was leased twice")
	}
	if err := lease.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := ports.TakePort(lease.Port)
	if err != nil {
		t.Fatalf("after its release: %v", err)
	}
	if err := again.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestATakenPortSaysSo(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	_, err = ports.TakePort(listener.Addr().(*net.TCPAddr).Port)
	if err == nil || !strings.Contains(err.Error(), "is taken") {
		t.Errorf("got %v", err)
	}
}

// Not in parallel: what it starts would share the others' leases until it has
// become its program.
func TestALeaseOfAnotherProcessEndsWithIt(t *testing.T) {
	lease, err := ports.Take()
	if err != nil {
		t.Fatal(err)
	}
	if err := lease.Release(); err != nil {
		t.Fatal(err)
	}
	holder := exec.Command("/proc/self/exe")
	holder.Env = append(os.Environ(), holderVariable+"="+strconv.Itoa(lease.Port))
	if _, err := holder.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	var said string
	if _, err := fmt.Fscanln(output, &said); err != nil || said != "<nil>" {
		t.Fatalf("the holder says %q, %v", said, err)
	}
	_, err = ports.TakePort(lease.Port)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("port %d is leased by another run", lease.Port)) {
		t.Errorf("got %v", err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	again, err := ports.TakePort(lease.Port)
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

func TestLeasesDifferAndCanBeListenedOn(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 40 {
		lease, err := ports.Take()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = lease.Release() })
		if seen[lease.Port] {
			t.Errorf("port %d was leased twice", lease.Port)
		}
		seen[lease.Port] = true
		listener, err := net.Listen("tcp", lease.Address())
		if err != nil {
			t.Fatalf("listen on a leased port: %v", err)
		}
		t.Cleanup(func() { listener.Close() })
	}
}

func TestAPortThatCannotBeUsedIsNotCalledTaken(t *testing.T) {
	t.Parallel()
	_, err := ports.TakePort(70000)
	if err == nil || !strings.Contains(err.Error(), "port 70000 cannot be used") {
		t.Errorf("got %v", err)
	}
}
