package ports_test

import (
	"net"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
)

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
