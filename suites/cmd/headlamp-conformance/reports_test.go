package main

import (
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/baselines"
)

func TestEveryStoredReportIsAWholeOneOfItsVersion(t *testing.T) {
	t.Parallel()
	if len(baselines.Versions()) == 0 {
		t.Fatal("nothing is stored")
	}
	for _, version := range baselines.Versions() {
		for _, named := range []string{version, strings.TrimPrefix(version, "v")} {
			read, err := loadReport(named)
			if err != nil {
				t.Fatal(err)
			}
			if "v"+read.Dashboard.Version != version || read.Dashboard.Name != "headlamp" || read.Settings.Identity != "token" || read.Partial || read.Blocked || len(read.Scenarios) < 40 {
				t.Errorf("%s is of %s %s, %d scenarios, %+v", version, read.Dashboard.Name, read.Dashboard.Version, len(read.Scenarios), read.Settings)
			}
			if !strings.Contains(read.Reproduce, "--headlamp ./headlamp") {
				t.Errorf("%s is reproduced by %s", version, read.Reproduce)
			}
			for _, scenario := range read.Scenarios {
				if strings.HasPrefix(scenario.Evidence, "/") {
					t.Errorf("%s has evidence outside the report: %s", version, scenario.Evidence)
				}
			}
		}
	}
}

func TestWhatIsNoReportAndNoVersionIsRefusedWithThoseThatAre(t *testing.T) {
	t.Parallel()
	_, err := loadReport("v0.1.0")
	if err == nil || !strings.Contains(err.Error(), report.FileName) || !strings.Contains(err.Error(), strings.Join(baselines.Versions(), ", ")) {
		t.Errorf("said is %v", err)
	}
}

func TestTwoStoredReportsAreCompared(t *testing.T) {
	t.Parallel()
	versions := baselines.Versions()
	got := commandLine{arguments: []string{"diff", versions[0], versions[len(versions)-1]}}.run(t)
	if got.code == exitUsage || !strings.Contains(got.stdout, strings.TrimPrefix(versions[0], "v")) {
		t.Errorf("exit code %d: %s%s", got.code, got.stdout, got.stderr)
	}
	table := commandLine{arguments: append([]string{"matrix"}, versions...)}.run(t)
	if table.code != 0 || !strings.Contains(table.stdout, "session/hold-past-expiry") {
		t.Errorf("exit code %d: %s%s", table.code, table.stdout, table.stderr)
	}
}
