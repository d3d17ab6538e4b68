package installation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/tap"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// secondCluster is the name of the other cluster in the dashboard's routes.
const secondCluster = "second"

// leaseSecondRealm leases a realm for the users of a second cluster.
func (in *Installation) leaseSecondRealm(ctx context.Context) error {
	if !in.options.Setup.SecondCluster {
		return nil
	}
	leased, err := in.stand.Keycloak.Lease(ctx, keycloak.LeaseOptions{
		Lifetime: in.stand.Descriptor.Lifetime, RedirectURIs: []string{in.address() + callback},
	})
	if err != nil {
		return environment("lease a realm for the second cluster", err)
	}
	in.second = leased
	in.onClose(leased.Release)
	in.recorder.Describe(func(header *timeline.Header) {
		header.Others = []timeline.Cluster{{Name: secondCluster, Realm: leased.Name, Issuer: leased.Issuer}}
	})
	return environment("wait until the API server accepts the second realm's tokens", in.withTokenOf(ctx, leased, in.stand.Cluster.AwaitToken))
}

// secondFor is how the dashboard is told of the second cluster: its API server is
// the same one, at the same tap, which a dashboard cannot tell.
func (in *Installation) secondFor(settings dashboard.Settings) []dashboard.Cluster {
	if in.second == nil {
		return nil
	}
	return []dashboard.Cluster{{
		Name: secondCluster, Server: fmt.Sprintf("https://%s:%d", tap.Host, in.upstreamPort()),
		CAFile: pki.CertificatePath(in.stand.Descriptor.AuthorityDir),
		Issuer: in.second.Issuer, IssuerCA: settings.IssuerCA, Scopes: scopes,
		ClientID: in.second.ClientID, ClientSecret: in.second.ClientSecret.Reveal(),
	}}
}

// NewUserOfSecond makes a user of the second cluster's realm.
func (in *Installation) NewUserOfSecond(ctx context.Context, groups ...string) (User, error) {
	return in.newUserOf(ctx, in.second, groups, func(header *timeline.Header) *[]timeline.User { return &header.Others[0].Users })
}

// LoginToSecond logs a user in to the second cluster, with requests: what becomes of
// its session is the dashboard's doing, not its page's.
func (in *Installation) LoginToSecond(ctx context.Context, user User) (*Session, error) {
	in.tell(live.Message{State: live.LoggingIn})
	way, err := in.logInBareTo(ctx, user, secondCluster, in.second.Issuer)
	if err != nil {
		return nil, in.undone(ctx, judge.NotLoggedIn, fmt.Errorf("log in to the second cluster: %w", err))
	}
	return &Session{in: in, way: way, user: user}, nil
}

// HoldClusters keeps the sessions at the first and the second cluster open past a
// number of expiries of each one's tokens. It judges nothing.
func (in *Installation) HoldClusters(ctx context.Context, expiries int, first, second *Session) error {
	for _, session := range []*Session{first, second} {
		if err := session.beginHold(ctx); err != nil {
			return err
		}
	}
	reason, err := in.crossEach(ctx, expiries, first, second)
	if err != nil {
		return err
	}
	for _, session := range []*Session{first, second} {
		session.endHold(reason)
	}
	return nil
}

// crossEach goes past the expiries of each cluster's tokens, until one does not come.
func (in *Installation) crossEach(ctx context.Context, expiries int, sessions ...*Session) (reason string, err error) {
	for k := 1; k <= expiries; k++ {
		for i, session := range sessions {
			of := func(line timeline.Timeline) timeline.Timeline { return line.EachCluster()[i] }
			token, err := in.awaitTokenOf(ctx, k, of)
			if err != nil {
				return "", err
			}
			if token == nil {
				return fmt.Sprintf("cluster %s: %s", of(in.recorder.Timeline()).Header.Cluster, in.unseen(k)), nil
			}
			if err := session.awaitExpiry(ctx, k, expiries, *token); err != nil {
				return "", err
			}
			if err := in.awaitServedOf(ctx, token.ExpiresAt, of); err != nil {
				return "", err
			}
		}
	}
	return "", nil
}

// withTokenOf is withToken for another realm than the installation's own.
func (in *Installation) withTokenOf(ctx context.Context, realm *keycloak.Realm, use func(ctx context.Context, token string) error) error {
	bounded, cancel := context.WithTimeoutCause(ctx, acceptTimeout, fmt.Errorf("not within %s", acceptTimeout))
	defer cancel()
	user, err := realm.CreateUser(bounded, keycloak.User{Name: newName("probe")})
	if err != nil {
		return err
	}
	token, err := realm.Token(bounded, user)
	if err != nil {
		return err
	}
	return errors.Join(use(bounded, token), realm.DeleteUser(bounded, user))
}

// awaitTokenOf waits for the k-th token of one part of the timeline. It returns nil
// when none came in time: a dashboard that does not refresh.
func (in *Installation) awaitTokenOf(ctx context.Context, k int, part func(timeline.Timeline) timeline.Timeline) (*redact.Token, error) {
	var token *redact.Token
	err := in.awaitAtMost(ctx, in.renewalLimit(), func(line timeline.Timeline) bool {
		tokens := part(line).Tokens()
		if len(tokens) < k {
			return false
		}
		token = &tokens[k-1]
		return true
	})
	return token, err
}

// awaitServedOf waits, not longer than a living page needs, until a request of the
// users of one part of the timeline succeeded after a moment.
func (in *Installation) awaitServedOf(ctx context.Context, after time.Time, part func(timeline.Timeline) timeline.Timeline) error {
	return in.awaitAtMost(ctx, judge.AliveWithin, func(line timeline.Timeline) bool {
		return len(judge.ServedAtTap(part(line).Since(after))) > 0
	})
}
