package conformance

import (
	"context"
	"errors"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
)

const (
	// specTimeout is the longest that a scenario may take, set-up and evidence
	// included: a hold past three expiries of 30 s takes a minute and a half.
	specTimeout = 15 * time.Minute
	// evidenceTimeout is the longest that the evidence of a failure may take.
	evidenceTimeout = time.Minute
	// cleanupTimeout is the longest that an installation may take to go away.
	cleanupTimeout = time.Minute
	// holdPriority starts what takes long before what does not.
	holdPriority = 10
)

// Scenario adds a scenario to the suite and to the catalogue. Each run of it
// has an installation of its own.
func Scenario(entry Entry, body func(ctx ginkgo.SpecContext, in *Installation)) bool {
	catalogue = append(catalogue, entry)
	return ginkgo.Describe(entry.Subject(), func() {
		ginkgo.It(entry.Name(), ginkgo.Label(entry.Labels()...), ginkgo.SpecPriority(entry.Holds*holdPriority),
			ginkgo.SpecTimeout(specTimeout), func(ctx ginkgo.SpecContext) {
				note := begin(entry)
				in, err := installation.New(ctx, stand, entry.ID, liveSender)
				must(note, err)
				ginkgo.DeferCleanup(func(ctx context.Context) error {
					return errors.Join(in.SaveTimeline(), in.Close(ctx))
				}, ginkgo.NodeTimeout(cleanupTimeout))
				ginkgo.DeferOnFailure(func(ctx context.Context) {
					note.evidence(in.CollectEvidence(ctx))
				}, ginkgo.NodeTimeout(evidenceTimeout))
				body(ctx, &Installation{in: in, note: note})
			})
	})
}
