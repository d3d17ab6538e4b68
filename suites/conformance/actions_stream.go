package conformance

import (
	"context"

	"github.com/onsi/ginkgo/v2"
)

// OpenStreams opens a terminal in a pod and follows its log, as the dashboard's
// page does.
func (s *Session) OpenStreams(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.OpenStreams(ctx))
}
