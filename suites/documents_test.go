package suites

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
	"github.com/headlamp-conformance/headlamp-conformance/suites/selftest"
)

var update = flag.Bool("update", false, "write the generated documents anew")

func TestDocumentsSayWhatTheCodeSays(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"scenarios.md": conformance.Document(conformance.Catalogue()),
		"self-test.md": selftest.Document(conformance.Catalogue(), faults.All()),
		"causes.md":    selftest.DocumentCauses(faults.All()),
	} {
		path := filepath.Join("..", "docs", name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is out of date: go test ./suites -run Document -update", path)
		}
	}
}
