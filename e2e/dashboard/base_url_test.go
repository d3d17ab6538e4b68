package dashboard

import (
	"os"
	"path/filepath"
	"testing"
)

// Headlamp rewrites its index.html for a base URL where that lies, for everybody
// who is served from there.
func TestUnderABaseURLADashboardHasAFrontendOfItsOwn(t *testing.T) {
	t.Parallel()
	shared := t.TempDir()
	index := filepath.Join(shared, "index.html")
	if err := os.WriteFile(index, []byte("shared"), 0o600); err != nil {
		t.Fatal(err)
	}
	source := Source{Frontend: shared, Version: "0.30.0"}
	for _, base := range []string{"", "/headlamp", "/headlamp"} { // the last one is a restart
		settings := Settings{Name: "dashboard-1", Dir: filepath.Join(filepath.Dir(shared), "own"), BaseURL: base}
		started, err := source.under(settings)
		if err != nil {
			t.Fatal(err)
		}
		if own := started.Frontend != shared; own != (base != "") {
			t.Errorf("base %q: its frontend is %s", base, started.Frontend)
		}
		content, err := os.ReadFile(filepath.Join(started.Frontend, "index.html"))
		if err != nil || string(content) != "shared" {
			t.Errorf("base %q: %q, %v", base, content, err)
		}
		if base == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(started.Frontend, "index.html"), []byte("rewritten"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if content, err := os.ReadFile(index); err != nil || string(content) != "shared" {
		t.Errorf("everybody's is %q, %v", content, err)
	}
	for version, want := range map[string]bool{"0.28.1": true, "0.29.9": true, Unknown: true, "0.45.0": false} {
		source := Source{Frontend: shared, Version: version}
		started, err := source.under(Settings{Name: "dashboard-1", Dir: t.TempDir()})
		if own := started.Frontend != shared; err != nil || own != want {
			t.Errorf("%s: it has a frontend of its own: %t, %v", version, own, err)
		}
	}
	if inside, err := (Source{}).under(Settings{BaseURL: "/headlamp"}); err != nil || inside.Frontend != "" {
		t.Errorf("a frontend inside the executable: %q, %v", inside.Frontend, err)
	}
}
