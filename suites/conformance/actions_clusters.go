package conformance

import (
	"context"

	"github.com/onsi/ginkgo/v2"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/installation"
)

// NewUserOfSecond makes a user of the second cluster's realm.
func (i *Installation) NewUserOfSecond(ctx context.Context, groups ...string) installation.User {
	ginkgo.GinkgoHelper()
	user, err := i.in.NewUserOfSecond(ctx, groups...)
	must(i.note, err)
	return user
}

// LoginToSecond logs a user in to the second cluster.
func (i *Installation) LoginToSecond(ctx context.Context, user installation.User) *Session {
	ginkgo.GinkgoHelper()
	session, err := i.in.LoginToSecond(ctx, user)
	must(i.note, err)
	return &Session{session: session, in: i}
}

// HoldClusters keeps the sessions at both clusters open past a number of expiries of
// each one's tokens, and gathers what all witnesses saw.
func (i *Installation) HoldClusters(ctx context.Context, expiries int, first, second *Session) installation.Observation {
	ginkgo.GinkgoHelper()
	must(i.note, i.in.HoldClusters(ctx, expiries, first.session, second.session))
	return i.Observe(ctx)
}
