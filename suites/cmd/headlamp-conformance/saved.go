package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/bounded"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/digest"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

// savedRunFile is the run's own record in the report directory. With the
// evidence beside it, it is all that the judge needs.
const savedRunFile = "run.json"

// savedRunVersion is the version of the record's form.
const savedRunVersion = 1

// How large a run's record and a scenario's outcome may be: many times what is
// written.
const (
	mostOfARecord   = 16 << 20
	mostOfAnOutcome = 16 << 20
)

// savedRun is what a run knows of itself.
type savedRun struct {
	Version int           `json:"version"`
	Report  report.Report `json:"report"` // the judge's part still empty
	// SelfTest says that most of what is planned has to fail: no report can be
	// made of it.
	SelfTest bool                  `json:"selfTest,omitempty"`
	Planned  []conformance.Planned `json:"planned"`
	Broken   string                `json:"broken,omitempty"`
	Seconds  float64               `json:"seconds"`

	ledger string // file of the secrets that the run handled; "" without a stand
}

func newSavedRun(resolved stand.Settings, plan []conformance.Planned, begun time.Time) *savedRun {
	for i := range plan {
		plan[i].Hold = time.Duration(resolved.Expiries+1) * resolved.Lifetime
	}
	saved := &savedRun{Version: savedRunVersion, Planned: plan}
	saved.Report = report.Report{
		Date: begun.UTC().Truncate(time.Second), Suite: suiteVersion(),
		Dashboard: report.Part{Name: resolved.Dashboard.Name, Version: resolved.Dashboard.Version},
		Settings: report.Settings{
			Identity: resolved.Identity, Lifetime: resolved.Lifetime.String(), Expiries: resolved.Expiries,
		},
	}
	if resolved.Dashboard.Name == "reference" {
		saved.Report.Notice = referenceNotice
	}
	// Without a filter there is always something to choose.
	all, err := conformance.Choose(conformance.Mode(resolved.Identity), "")
	saved.Report.Partial = err == nil && len(plan) < len(all)
	return saved
}

// begin makes room in the report directory, and saves the record at once: a run
// that is killed leaves a directory that the judge and the next run know for a
// run's.
func (s *savedRun) begin(reportDir string) error {
	if err := emptyEvidence(reportDir); err != nil {
		return err
	}
	s.Broken = "the run was killed"
	return s.save(reportDir)
}

// end saves what became of the run. It began when it says, and broke down if
// broken is not nil.
func (s *savedRun) end(reportDir string, broken error, begun time.Time) error {
	s.Broken = ""
	if broken != nil {
		s.Broken = broken.Error()
	}
	s.Seconds = time.Since(begun).Seconds()
	return s.save(reportDir)
}

// describeStand notes the versions that the running parts tell, and their digests.
func (s *savedRun) describeStand(ctx context.Context, descriptor stand.Descriptor) error {
	connection, err := browser.Connect(descriptor.Browser)
	if err != nil {
		return err
	}
	defer connection.Close()
	product, err := connection.Version(ctx)
	if err != nil {
		return err
	}
	name, version, _ := strings.Cut(product, "/")
	own := []string{descriptor.Dashboard.Executable}
	if descriptor.Dashboard.Frontend != "" {
		own = append(own, descriptor.Dashboard.Frontend)
	}
	if s.Report.Dashboard.Digest, err = digest.Of(own...); err != nil {
		return err
	}
	part := func(name, version string) report.Part {
		return report.Part{Name: name, Version: version, Digest: descriptor.Digests[name]}
	}
	s.Report.Stand = []report.Part{
		part("keycloak", descriptor.Keycloak.Version),
		part("kube-apiserver", descriptor.Cluster.Version),
		part("etcd", descriptor.Cluster.EtcdVersion),
		// It runs nothing: what logs and terminals show is no container's.
		{Name: "kubelet", Version: "stub"},
		{Name: strings.ToLower(name), Version: version},
	}
	return nil
}

func (s *savedRun) save(reportDir string) error {
	content, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the run's record: %w", err)
	}
	if err := os.WriteFile(filepath.Join(reportDir, savedRunFile), content, 0o644); err != nil {
		return fmt.Errorf("save the run's record: %w", err)
	}
	return nil
}

func loadSavedRun(reportDir string) (*savedRun, error) {
	const give = "give a directory that 'run' has written with --report-dir"
	file := filepath.Join(reportDir, savedRunFile)
	content, err := bounded.ReadFile(file, mostOfARecord)
	if err != nil {
		return nil, fmt.Errorf("read the run's record: %w; %s", err, give)
	}
	var saved savedRun
	if err := json.Unmarshal(content, &saved); err != nil {
		return nil, fmt.Errorf("read the run's record %s: %w; %s", file, brokenJSON(err), give)
	}
	if saved.Version > savedRunVersion {
		return nil, fmt.Errorf("the run's record %s has the version %d, and this program reads %d: take the version of this program that wrote it; or %s", file, saved.Version, savedRunVersion, give)
	}
	if wrong := saved.mistake(); wrong != "" {
		return nil, fmt.Errorf("the run's record %s %s; %s", file, wrong, give)
	}
	return &saved, nil
}

// mistake says what a record that a run has written would not have.
func (s *savedRun) mistake() string {
	if s.Version != savedRunVersion {
		return "names no version"
	}
	if s.Report.Dashboard.Name == "" || s.Report.Settings.Identity == "" {
		return "names no dashboard, or no identity mode"
	}
	if len(s.Planned) == 0 {
		return "names no scenario"
	}
	seen := map[string]bool{}
	for _, planned := range s.Planned {
		if !filepath.IsLocal(planned.Key) {
			return fmt.Sprintf("has evidence outside of its directory: %q", planned.Key)
		}
		if seen[planned.Key] {
			return fmt.Sprintf("has the scenario %q twice", planned.Key)
		}
		seen[planned.Key] = true
	}
	return ""
}

// brokenJSON says what is wrong with what a run has saved as JSON.
func brokenJSON(err error) error {
	var other *json.UnmarshalTypeError
	if errors.As(err, &other) {
		return fmt.Errorf("it has a JSON %s where no run writes one (at byte %d)", other.Value, other.Offset)
	}
	return fmt.Errorf("it is no JSON, or breaks off: %w", err)
}

// judgeable puts together what the judge looks at: every planned scenario, with
// its outcome and timeline. One without an outcome never ended.
func (s *savedRun) judgeable(reportDir string, issues []judge.Issue) (judge.Run, error) {
	run := judge.Run{
		Dashboard: s.Report.Dashboard.Name, Version: s.Report.Dashboard.Version, Mode: s.Report.Settings.Identity,
		Timelines: map[string]timeline.Timeline{}, Logs: map[string]string{}, APIServerLogs: map[string]string{}, Issues: issues, Broken: s.Broken, Partial: s.Report.Partial,
	}
	for _, planned := range s.Planned {
		entry := planned.Scenario
		dir := filepath.Join(reportDir, "evidence", planned.Key)
		spec, err := loadSpec(dir)
		if errors.Is(err, fs.ErrNotExist) {
			spec = judge.Spec{ID: planned.Key, State: judge.SpecFailed, Blocked: "it did not run to its end"}
			if s.Broken != "" {
				spec.Blocked = s.Broken
			}
			err = nil
		}
		if err != nil {
			return judge.Run{}, err
		}
		spec.Level, spec.Promise, spec.Sources, spec.Features = entry.LevelIn(planned.Mode), entry.Promise, entry.Sources, entry.Features
		line, err := timeline.Load(filepath.Join(dir, installation.TimelineFile))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			// The others can be judged all the same.
			spec.Blocked = err.Error()
		default:
			run.Timelines[planned.Key] = line
		}
		if run.Logs[planned.Key], err = installation.LoadLogs(dir); err != nil {
			return judge.Run{}, err
		}
		if run.APIServerLogs[planned.Key], err = installation.LoadAPIServerLog(dir); err != nil {
			return judge.Run{}, err
		}
		run.Specs = append(run.Specs, spec)
	}
	return run, nil
}

func loadSpec(dir string) (judge.Spec, error) {
	var spec judge.Spec
	file := filepath.Join(dir, conformance.SpecFile)
	content, err := bounded.ReadFile(file, mostOfAnOutcome)
	if err != nil {
		return spec, fmt.Errorf("read a scenario's outcome: %w", err)
	}
	if err := json.Unmarshal(content, &spec); err != nil {
		return spec, fmt.Errorf("read a scenario's outcome %s: %w; remove its directory, and the scenario counts as blocked", file, brokenJSON(err))
	}
	return spec, nil
}
