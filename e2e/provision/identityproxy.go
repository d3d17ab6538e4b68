package provision

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/progress"
)

// IdentityProxyVariable names the environment variable that points at an
// oauth2-proxy, for a machine that has no Go to build it with.
const IdentityProxyVariable = "HEADLAMP_CONFORMANCE_OAUTH2_PROXY"

// identityProxy is built with a fifth of what the control plane takes.
var identityProxy = built{
	what: "the identity-aware proxy", programs: "oauth2-proxy",
	source: filepath.Join("fixtures", "identityproxy"), cache: "identityproxy", space: 1 << 30,
	otherwise: "point " + IdentityProxyVariable + " at one",
}

// IdentityProxy finds oauth2-proxy where HEADLAMP_CONFORMANCE_OAUTH2_PROXY points,
// or in the cache, or builds it from its Go module. It returns the executable.
func IdentityProxy(ctx context.Context, cacheDir string, printer *progress.Printer) (string, error) {
	if path := os.Getenv(IdentityProxyVariable); path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("%s=%s: %w; unset it to have one built", IdentityProxyVariable, path, err)
		}
		return filepath.Abs(found)
	}
	dir, err := identityProxy.build(ctx, cacheDir, printer)
	return filepath.Join(dir, "oauth2-proxy"), err
}
