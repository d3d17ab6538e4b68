package conformance

import (
	"context"

	"github.com/onsi/ginkgo/v2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
)

// ForgeCallbacks has browsers come back from Keycloak as no honest one does.
func (i *Installation) ForgeCallbacks(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.ForgeCallbacks(ctx, user))
}

// OfferForeignCallback has a browser come back from Keycloak with what another one
// was given.
func (i *Installation) OfferForeignCallback(ctx context.Context, user installation.User) {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.OfferForeignCallback(ctx, user))
}
