package conformance

import (
	"context"

	"github.com/onsi/ginkgo/v2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
)

// AllowBareName gives all rights to the name that the user's token says.
func (i *Installation) AllowBareName(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.AllowBareName(ctx, user))
}

// AllowKnownName gives all rights to the name by which the API server has to know
// the user.
func (i *Installation) AllowKnownName(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.AllowKnownName(ctx, user))
}

// TakeImpersonation takes the permission to impersonate from the installation's own
// account.
func (i *Installation) TakeImpersonation(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.TakeImpersonation(ctx))
}

// Look asks for what every developer may see.
func (s *Session) Look(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.Look(ctx))
}

// DeleteInVain looks at an object, and deletes it: whether that was in vain is for
// what is asserted to say.
func (s *Session) DeleteInVain(ctx context.Context) {
	ginkgo.GinkgoHelper()
	must(s.in.note, s.session.DeleteInVain(ctx))
}
