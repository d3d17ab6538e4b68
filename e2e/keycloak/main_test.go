package keycloak

import (
	"net/http"
	"os"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/reaper"
)

// fakeVariable makes this test's program answer as a Keycloak on that port.
const fakeVariable = "FAKE_KEYCLOAK_PORT"

// TestMain puts what the tests start under a reaper: a test that is killed
// leaves no Keycloak behind.
func TestMain(m *testing.M) {
	if port := os.Getenv(fakeVariable); port != "" {
		err := http.ListenAndServe("127.0.0.1:"+port, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		println(err.Error())
		os.Exit(1)
	}
	os.Exit(reaper.Run(m.Run))
}
