package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// build is the directory of a dashboard that tells a version.
func build(t *testing.T, version string) string {
	t.Helper()
	dir := directory(t, "frontend/index.html")
	script := "#!/bin/sh\ncase $1 in -version) echo Headlamp Version: " + version + ";; *) printf '  -in-cluster\\n  -oidc-client-id string\\n  -listen-addr string\\n  -version\\n';; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "headlamp-server"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestDashboardsOnOneStandHaveReportsOfTheirOwn(t *testing.T) {
	chosen := good(t)
	newest, again, old := build(t, "0.45.0"), build(t, "0.45.0"), build(t, "0.39.0")
	each, err := chosen.ResolveEach(t.Context(), []string{newest, again, old})
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, one := range each {
		dirs = append(dirs, filepath.Base(one.ReportDir))
		if _, err := os.Stat(one.ReportDir); err != nil || filepath.Dir(one.ReportDir) != chosen.ReportDir {
			t.Errorf("the report of %s is in %s: %v", one.Dashboard.Label(), one.ReportDir, err)
		}
	}
	if got := strings.Join(dirs, " "); got != "headlamp-0.45.0 headlamp-0.45.0-2 headlamp-0.39.0" {
		t.Errorf("the directories are %s", got)
	}
	if each[2].Dashboard.Version != "0.39.0" || each[1].Dashboard.Directory() != again {
		t.Errorf("the dashboards are not in the order given: %+v", each)
	}
	if _, err := chosen.ResolveEach(t.Context(), []string{old, newest}); err != nil {
		t.Errorf("the directory of an earlier matrix is not taken again: %v", err)
	}
}

func TestMistakesOfAllDashboardsAreSaidAtOnceAndNothingIsMade(t *testing.T) {
	chosen := good(t)
	missing, whole := filepath.Join(t.TempDir(), "missing"), build(t, "0.45.0")
	chosen.Expiries = 0
	_, err := chosen.ResolveEach(t.Context(), []string{missing, whole, whole})
	for _, part := range []string{missing, whole + " is given twice", "0 expiries"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not say %q", err, part)
		}
	}
	if _, err := os.Stat(chosen.ReportDir); err == nil {
		t.Error("the report directory was made for nothing")
	}
}

func TestADashboardsReportDirectoryThatHoldsOtherFilesIsRefused(t *testing.T) {
	chosen := good(t)
	newest := build(t, "0.45.0")
	if _, err := chosen.ResolveEach(t.Context(), []string{build(t, "0.39.0")}); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(chosen.ReportDir, "headlamp-0.45.0")
	if err := os.MkdirAll(filepath.Join(foreign, "thesis"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := chosen.ResolveEach(t.Context(), []string{newest}); err == nil || !strings.Contains(err.Error(), foreign) {
		t.Errorf("got %v", err)
	}
}
