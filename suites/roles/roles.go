package roles

import (
	"os"
	"path/filepath"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/reference"
)

// Play plays the role of a dashboard process or of its launcher, when this
// process was called under their names, and ends it. Otherwise it returns at
// once. The first thing that main and TestMain do.
func Play() {
	dashboard.Isolate()
	if filepath.Base(os.Args[0]) == reference.Name {
		os.Exit(reference.Main(os.Args[1:], os.Stdout, os.Stderr))
	}
}
