package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/faults"
)

const (
	// aroundHold is the longest that a scenario may take for everything but its
	// hold: set-up, login, judging.
	aroundHold = 10 * time.Minute
	// defaultHold is how long tokens live, taken together, in a run that is not
	// planned: three of 30 s, and their renewals.
	defaultHold = 2 * time.Minute
	// evidenceTimeout is the longest that the evidence of a failure may take.
	evidenceTimeout = time.Minute
	// cleanupTimeout is the longest that an installation may take to go away.
	cleanupTimeout = time.Minute
	// holdPriority starts what takes long before what does not.
	holdPriority = 10
)

// Body is what a scenario does and asserts.
type Body func(ctx ginkgo.SpecContext, in *Installation)

type body struct {
	run   Body
	where types.CodeLocation
}

// bodies are the scenarios' bodies by id.
var bodies = map[string]body{}

// Scenario adds a scenario to the catalogue, with the faults that it has been
// seen to fail on. Each run of it has an installation of its own.
func Scenario(entry Entry, proofs Proofs, run Body) bool {
	if _, twice := bodies[entry.ID]; twice {
		panic(fmt.Sprintf("there are two scenarios %q", entry.ID))
	}
	if len(proofs.list) == 0 {
		panic(fmt.Sprintf("the scenario %q names no fault that it fails on", entry.ID))
	}
	if entry.Features == nil {
		entry.Features = []string{} // a list, too, where the catalogue is JSON
	}
	entry.Proofs = proofs.list
	for _, proof := range proofs.list {
		entry.Faults = append(entry.Faults, proof.Fault)
	}
	catalogue = append(catalogue, entry)
	bodies[entry.ID] = body{run, types.NewCodeLocation(1)}
	return true
}

// describe makes a Ginkgo spec of one planned run.
func describe(planned Planned) error {
	fault, err := faults.Find(planned.Fault)
	if err != nil {
		return err
	}
	entry := planned.Scenario
	known := bodies[entry.ID]
	ginkgo.Describe(entry.Subject(), known.where, func() {
		text := entry.Name()
		if planned.Key != entry.ID {
			text += " (" + planned.Key + ")"
		}
		ginkgo.It(text, known.where, ginkgo.Label(entry.Labels()...), ginkgo.SpecPriority(entry.Holds*holdPriority),
			ginkgo.SpecTimeout(planned.timeout()), func(ctx ginkgo.SpecContext) {
				note := begin(planned)
				mode := planned.mode()
				note.requireMode(mode)
				in, err := installation.New(ctx, stand, installation.Options{
					Scenario: entry.ID, Key: planned.Key, Mode: string(mode), Fault: fault, Setup: entry.Setup,
					Bare: planned.Bare, Live: liveSender,
				})
				must(note, err)
				ginkgo.DeferCleanup(func(ctx context.Context) error {
					return errors.Join(in.SaveTimeline(), in.Close(ctx))
				}, ginkgo.NodeTimeout(cleanupTimeout))
				ginkgo.DeferOnFailure(func(ctx context.Context) {
					note.evidence(in.CollectEvidence(ctx))
				}, ginkgo.NodeTimeout(evidenceTimeout))
				known.run(ctx, &Installation{in: in, note: note})
				must(note, errors.Join(note.undone...))
			})
	})
	return nil
}

// timeout is the longest that the planned run may take: twice what a hold takes
// whose dashboard refreshes as late as it may, and what is around it.
func (p Planned) timeout() time.Duration {
	hold := p.Hold
	if hold == 0 {
		hold = defaultHold
	}
	return aroundHold + 2*hold
}

// mode is the planned identity mode, or else the stand's.
func (p Planned) mode() Mode {
	if p.Mode != "" {
		return p.Mode
	}
	return Mode(stand.Descriptor.Identity)
}
