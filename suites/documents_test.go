package suites

import (
	"path/filepath"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/golden"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	"github.com/headlamp-conformance/headlamp-conformance/suites/selftest"
)

func TestDocumentsSayWhatTheCodeSays(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"scenarios.md": conformance.Document(conformance.Catalogue()),
		"self-test.md": selftest.Document(conformance.Catalogue(), faults.All()),
		"causes.md":    selftest.DocumentCauses(faults.All()),
	} {
		golden.Compare(t, filepath.Join("..", "docs", name), []byte(want))
	}
}
