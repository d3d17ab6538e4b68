package conformance

import (
	"context"

	"github.com/onsi/ginkgo/v2"
)

// ForgeIdentities tries to read what the user may not, with identities that the
// requests claim by headers of their own.
func (s *Session) ForgeIdentities(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.ForgeIdentities(ctx))
}

// AskForbidden asks for what the user may not read.
func (s *Session) AskForbidden(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.AskForbidden(ctx))
}
