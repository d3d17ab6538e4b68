package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
)

// SpecFile is the name of a spec's saved outcome in its evidence directory.
const SpecFile = "spec.json"

// note is what is noted of a spec while it runs, for the judge.
type note struct {
	spec  judge.Spec
	modes []Mode // that the promise is about
	// undone is what a person could not do, and the spec went on after.
	undone []error
}

// current is the note of the spec that this process runs: Ginkgo runs one at a
// time in each process.
var current *note

func begin(planned Planned) *note {
	entry := planned.Scenario
	current = &note{spec: judge.Spec{
		ID: planned.Key, Level: entry.LevelIn(planned.mode()), Promise: entry.Promise, Sources: entry.Sources,
		Evidence: filepath.Join("evidence", planned.Key),
	}, modes: entry.Modes}
	return current
}

// requireMode skips the spec, with its reason noted, in an identity mode that
// its promise is not about.
func (n *note) requireMode(mode Mode) {
	if slices.Contains(n.modes, mode) {
		return
	}
	n.spec.Reason = fmt.Sprintf("the promise is not about the identity mode %s", mode)
	ginkgo.Skip(n.spec.Reason)
}

// evidence notes what went wrong with the evidence: a failure's evidence is
// best effort, and a gap in it must be seen.
func (n *note) evidence(err error) {
	if err != nil {
		ginkgo.GinkgoWriter.Println("evidence is incomplete:", err)
	}
}

// Ginkgo calls this after each spec, whatever became of it.
var _ = ginkgo.ReportAfterEach(func(report ginkgo.SpecReport) {
	if current == nil {
		return
	}
	spec := current.spec
	current = nil
	spec.Seconds = report.RunTime.Seconds()
	state := live.Passed
	switch report.State {
	case types.SpecStatePassed:
		spec.State = judge.SpecPassed
	case types.SpecStateSkipped, types.SpecStatePending:
		spec.State, state = judge.SpecSkipped, live.Skipped
	default:
		spec.State, state = judge.SpecFailed, live.NotPassed
		spec.Message = redact.Text(report.Failure.Message)
		if report.State == types.SpecStateTimedout {
			spec.Message = "it took longer than it may: " + spec.Message
		}
		if report.State == types.SpecStateInterrupted && spec.Blocked == "" {
			spec.Blocked = "it was interrupted"
		}
	}
	liveSender.Send(live.Message{Scenario: spec.ID, State: state})
	if err := saveSpec(stand.Descriptor.ReportDir, spec); err != nil {
		ginkgo.GinkgoWriter.Println(err)
	}
})

func saveSpec(reportDir string, spec judge.Spec) error {
	dir := filepath.Join(reportDir, spec.Evidence)
	content, err := json.MarshalIndent(spec, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the outcome of %s: %w", spec.ID, err)
	}
	return errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, SpecFile), content, 0o644))
}
