package conformance

import (
	"context"

	"github.com/onsi/ginkgo/v2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
)

// HoldThroughRestart keeps the session open, restarts the dashboard once the
// session has been refreshed, goes past the next expiry, and logs in once when the
// page asks for it. It gathers what all witnesses saw.
func (s *Session) HoldThroughRestart(ctx context.Context) installation.Observation {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.HoldThroughRestart(ctx))
	return s.in.Observe(ctx)
}

// HoldThroughReimport keeps the session open, has Keycloak's realm imported anew
// once the session has been refreshed, goes past the next expiry, and logs in once
// when the page asks for it. It gathers what all witnesses saw.
func (s *Session) HoldThroughReimport(ctx context.Context) installation.Observation {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.HoldThroughReimport(ctx))
	return s.in.Observe(ctx)
}

// HoldThroughCut keeps the session open past one expiry, has every watch cut before
// the API server, and gathers what all witnesses saw of the page after that.
func (s *Session) HoldThroughCut(ctx context.Context) installation.Observation {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.HoldThroughCut(ctx))
	return s.in.Observe(ctx)
}

// HoldThroughOutage keeps the session open past a number of token expiries, keeps
// Keycloak away from the dashboard for one refresh in vain, and gathers what all
// witnesses saw.
func (s *Session) HoldThroughOutage(ctx context.Context, expiries int) installation.Observation {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.HoldThroughOutage(ctx, expiries))
	return s.in.Observe(ctx)
}

// HoldWhileSlow keeps the session open past a number of token expiries, while
// Keycloak's token endpoint is slow, and gathers what all witnesses saw.
func (s *Session) HoldWhileSlow(ctx context.Context, expiries int) installation.Observation {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.HoldWhileSlow(ctx, expiries))
	return s.in.Observe(ctx)
}
