package dashboard

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/ports"
)

// neighbour is a server on a loopback address of the machine, which says its name.
func neighbour(t *testing.T, name string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, name) }))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func TestADashboardThatListensEverywhereIsReachedAtItsAddressAlone(t *testing.T) {
	t.Parallel()
	if err := CanIsolate(t.Context()); err != nil {
		t.Skipf("NOT SHOWN: %v", err)
	}
	if err := CanIsolateNetwork(t.Context()); err != nil {
		t.Skipf("NOT SHOWN: %v", err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	lease, err := ports.Take()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lease.Release() })
	// The front has the same port on another address.
	front, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", lease.Port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = front.Close() })
	apiServer, issuer, other := neighbour(t, "API server"), neighbour(t, "issuer"), neighbour(t, "other")
	dir := t.TempDir()
	settings := Settings{
		Name: "old", Cluster: "main", Dir: filepath.Join(dir, "replica"), LogDir: filepath.Join(dir, "logs"),
		Address: "127.0.0.2", Port: lease.Port, Issuer: "http://" + issuer + "/realms/r",
		Account: Account{Token: "token-old"},
	}
	host, port, err := net.SplitHostPort(apiServer)
	if err != nil {
		t.Fatal(err)
	}
	settings.APIServerHost = host
	if _, err := fmt.Sscan(port, &settings.APIServerPort); err != nil {
		t.Fatal(err)
	}
	old := Source{
		Name: Headlamp, Version: "0.28.0", Executable: self, CalledAs: testName,
		Flags: map[string]bool{"port": true, "in-cluster-context-name": true},
	}.With("-reach=" + strings.Join([]string{apiServer, issuer, other}, ","))
	replica, err := old.Start(t.Context(), settings)
	if err != nil {
		t.Fatal(err)
	}
	for _, restarted := range []bool{false, true} {
		if restarted {
			if err := replica.Restart(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		found := whatItSees(t, replica)
		if found.Account["token"] != "token-old" || !slices.Equal(found.Devices, []string{"lo"}) {
			t.Errorf("restarted %v: account %q, devices %q", restarted, found.Account, found.Devices)
		}
		if found.Reached[apiServer] != "API server" || found.Reached[issuer] != "issuer" || found.Reached[other] != "" {
			t.Errorf("restarted %v: it reached %q", restarted, found.Reached)
		}
		elsewhere := fmt.Sprintf("127.0.0.3:%d", lease.Port)
		if connection, err := net.Dial("tcp", elsewhere); err == nil {
			_ = connection.Close()
			t.Errorf("restarted %v: it is reached at %s too", restarted, elsewhere)
		}
	}
	if err := replica.Stop(); err != nil {
		t.Fatal(err)
	}
	// Nothing of it is left, its address included.
	again, err := net.Listen("tcp", replica.URL.Host)
	if err != nil {
		t.Fatal(err)
	}
	_ = again.Close()
}

func TestAWayThatIsTooLongForASocketIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	_, err := waysFor(Settings{Dir: "/" + strings.Repeat("a", longestSocketPath), Issuer: "https://127.0.0.1:1/realms/r"})
	if err == nil || !strings.Contains(err.Error(), "give a shorter TMPDIR") {
		t.Errorf("got %v", err)
	}
}

func TestAWayLeadsToEachAddressOnce(t *testing.T) {
	t.Parallel()
	led, err := waysFor(Settings{
		Dir: "/replica", Port: 3, APIServerHost: "127.0.0.1", APIServerPort: 6443,
		Issuer: "https://127.0.0.1:1/realms/r", ValidatorIssuer: "https://127.0.0.1:1/realms/r",
	})
	if err != nil || !slices.Equal(led.Outward, []string{"127.0.0.1:6443", "127.0.0.1:1"}) {
		t.Errorf("got %q, %v", led.Outward, err)
	}
}

// Half of a connection may end before the other: whoever asked waits for an answer.
func TestTheEndOfAQuestionIsNotTheEndOfItsAnswer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	served, err := net.Listen("unix", filepath.Join(dir, "served"))
	if err != nil {
		t.Fatal(err)
	}
	defer served.Close()
	go func() {
		connection, err := served.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		question := make([]byte, 8)
		n, _ := connection.Read(question)
		if _, err := connection.Read(question); err != nil {
			fmt.Fprintf(connection, "%s, and no more", question[:n])
		}
	}()
	between, err := net.Listen("unix", filepath.Join(dir, "between"))
	if err != nil {
		t.Fatal(err)
	}
	defer between.Close()
	go carry(between, "unix", served.Addr().String())
	connection, err := net.Dial("unix", between.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprint(connection, "asked")
	if err := connection.(*net.UnixConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 64)
	n, err := connection.Read(answer)
	if string(answer[:n]) != "asked, and no more" {
		t.Errorf("answered %q, %v", answer[:n], err)
	}
}
