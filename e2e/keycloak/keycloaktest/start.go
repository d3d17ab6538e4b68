package keycloaktest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/provision"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
)

const startTimeout = 3 * time.Minute

// Start starts a Keycloak of a version, with as many realms as a run has, and
// returns it with the authority of its certificate. It runs until the test ends,
// or until the test stops it.
func Start(t testing.TB, version string) (*keycloak.Server, *pki.Authority) {
	t.Helper()
	cacheDir, err := provision.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	// Both return at once where `make prepare` was run.
	printer := progress.To(os.Stderr)
	tools, err := provision.Machine(t.Context(), printer)
	if err != nil {
		t.Fatal(err)
	}
	prepared, err := keycloak.Prepare(t.Context(), keycloak.PrepareOptions{
		Version: version, CacheDir: cacheDir, Realms: settings.Defaults().Realms,
		Java: tools.Java, Maven: tools.Maven, Progress: printer,
	})
	if err != nil {
		t.Fatal(err)
	}
	authority, err := pki.NewAuthority(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	server, err := prepared.Start(ctx, keycloak.StartOptions{Dir: t.TempDir(), LogDir: t.TempDir(), Authority: authority})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		select {
		case <-server.Done():
		default:
			if err := server.Stop(); err != nil {
				t.Error(err)
			}
		}
	})
	return server, authority
}
