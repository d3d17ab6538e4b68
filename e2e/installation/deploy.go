package installation

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/front"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/keycloak"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/tap"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/rbac"
)

// The identity modes.
const (
	modeToken  = "token"
	modeProxy  = "proxy"
	modeNative = "native"
)

// clusterName is the cluster's name in the dashboard's routes: what Headlamp
// calls the cluster that it runs in.
const clusterName = "main"

// callback is where Headlamp has Keycloak send the browser back to.
const callback = "/oidc-callback"

// firstReplica is the last number of the first replica's address, 127.0.0.2:
// the front has 127.0.0.1.
const firstReplica = 2

// scopes are those of Headlamp's own default.
var scopes = []string{"profile", "email"}

// acceptTimeout is the longest that the API server may take to accept tokens
// of a realm that it was told about.
const acceptTimeout = 30 * time.Second

func (in *Installation) deploy(ctx context.Context) error {
	if reason := in.lacks(); reason != "" {
		return &InapplicableError{Reason: reason}
	}
	if err := in.canStandBehindProxy(); err != nil {
		return err
	}
	if err := in.makeDirectories(); err != nil {
		return environment("make the installation's directories", err)
	}
	authority, err := pki.Load(in.stand.Descriptor.AuthorityDir)
	if err != nil {
		return environment("load the run's authority", err)
	}
	in.roots = authority.Pool()
	if err := in.startWitnesses(authority); err != nil {
		return err
	}
	if err := in.leaseRealm(ctx, authority); err != nil {
		return err
	}
	if err := in.leaseSecondRealm(ctx); err != nil {
		return err
	}
	if err := in.makeAccount(ctx); err != nil {
		return err
	}
	if in.options.Mode == modeProxy {
		if err := in.startImpersonator(ctx, authority); err != nil {
			return err
		}
	}
	for number := 1; number <= max(1, in.options.Setup.Replicas); number++ {
		if err := in.startReplica(ctx, fmt.Sprintf("dashboard-%d", number)); err != nil {
			return err
		}
	}
	if in.options.Setup.IdentityProxy {
		if err := in.startIdentityProxy(ctx, authority); err != nil {
			return err
		}
	}
	if in.options.Bare {
		return nil
	}
	in.profile, err = in.stand.Browser.NewProfile(ctx, in.recorder)
	if err != nil {
		return environment("make a browser profile", err)
	}
	in.onClose(func(context.Context) error { in.profile.Close(); return nil })
	return nil
}

func (in *Installation) makeDirectories() error {
	dir, err := os.MkdirTemp(in.stand.Descriptor.RunDir, "installation-")
	if err != nil {
		return err
	}
	in.dir = dir
	in.onClose(func(context.Context) error { return os.RemoveAll(dir) })
	// Evidence of an earlier run of this scenario says nothing about this one.
	if err := os.RemoveAll(in.evidence); err != nil {
		return err
	}
	return os.MkdirAll(in.evidence, 0o755)
}

// startWitnesses opens the audit log and starts tap and front.
func (in *Installation) startWitnesses(authority *pki.Authority) error {
	descriptor := in.stand.Descriptor
	var err error
	in.audit, err = cluster.OpenAudit(descriptor.Cluster.AuditLog)
	if err != nil {
		return environment("open the audit log", err)
	}
	in.tap, err = tap.Start(authority, in.recorder, descriptor.Cluster.URL, authority.Pool(), in.tapPort())
	if err != nil {
		return environment("start the tap", err)
	}
	in.onClose(func(context.Context) error { return in.tap.Close() })
	if in.options.Setup.KnownOnly {
		in.tap.RefuseAnonymous()
	}
	in.front, err = front.Start(authority, in.recorder, in.options.Fault.Environment.Front)
	if err != nil {
		return environment("start the front", err)
	}
	in.onClose(func(context.Context) error { return in.front.Close() })
	return nil
}

// leaseRealm leases a realm, and proves with a real token that the API server
// trusts it: ready means accepted, not configured.
func (in *Installation) leaseRealm(ctx context.Context, authority *pki.Authority) error {
	var err error
	in.realm, err = in.stand.Keycloak.Lease(ctx, keycloak.LeaseOptions{
		Lifetime:     in.stand.Descriptor.Lifetime,
		RedirectURIs: in.callbacks(),
		Kind:         cmp.Or(in.options.Fault.Environment.RealmKind, in.options.Setup.RealmKind),
		Relayed:      in.options.Setup.Relayed,
	})
	if err != nil {
		return environment("lease a realm", err)
	}
	in.onClose(in.realm.Release)
	if in.options.Setup.Relayed || in.sideways() {
		if err := in.startRelay(authority); err != nil {
			return err
		}
	}
	in.recorder.Describe(func(header *timeline.Header) {
		header.Issuer, header.Client = in.realm.Issuer, in.realm.ClientID
		header.UsernamePrefix, header.GroupsPrefix = in.options.Setup.RealmKind.Prefixes(in.realm.Issuer)
	})
	if err := in.proveTrust(ctx); err != nil {
		return err
	}
	// The fault comes last: what a scenario sets up must not mend it.
	for _, altered := range []struct{ realm, client func(map[string]any) }{
		{in.options.Setup.Realm, in.options.Setup.Client},
		{in.options.Fault.Environment.Realm, in.options.Fault.Environment.Client},
	} {
		if altered.realm != nil {
			if err := in.realm.Update(ctx, altered.realm); err != nil {
				return environment("alter the realm", err)
			}
		}
		if altered.client != nil {
			if err := in.realm.UpdateClient(ctx, altered.client); err != nil {
				return environment("alter the realm's client", err)
			}
		}
	}
	if scope := in.options.Fault.Environment.WithdrawnScope; scope != "" {
		if err := in.realm.WithdrawScope(ctx, scope); err != nil {
			return environment("take a scope from the realm's client", err)
		}
	}
	if in.options.Fault.Environment.OtherHost {
		if err := in.realm.KnowAs(ctx, "localhost"); err != nil {
			return environment("have Keycloak go by another name", err)
		}
	}
	return nil
}

// sideways says whether the dashboard reaches Keycloak by a way of its own.
func (in *Installation) sideways() bool {
	return in.options.Setup.SplitIssuer || in.options.Fault.Environment.IssuerBlocked
}

// proveTrust waits until the API server accepts tokens of the realm, or sees to it
// that it refuses those of a realm that it cannot check.
func (in *Installation) proveTrust(ctx context.Context) error {
	if !in.realm.Kind.Refused() {
		return environment("wait until the API server accepts the realm's tokens", in.withToken(ctx, in.stand.Cluster.AwaitToken))
	}
	return environment("see that the API server refuses the realm's tokens", in.withToken(ctx, func(ctx context.Context, token string) error {
		user, err := in.stand.Cluster.WhoAmI(ctx, token)
		switch {
		case err == nil:
			return fmt.Errorf("it takes the bearer of one for %s", user.Username)
		case !apierrors.IsUnauthorized(err):
			return err
		}
		return nil
	}))
}

// withToken gets a real token of the realm, for a user who lives no longer than
// what use does with it, and not longer than acceptTimeout.
func (in *Installation) withToken(ctx context.Context, use func(ctx context.Context, token string) error) error {
	return in.withTokenOf(ctx, in.realm, use)
}

// startReplica starts one more replica: on the front's port, and a loopback
// address of its own. The front sends requests to all of them in turn.
func (in *Installation) startReplica(ctx context.Context, name string) error {
	descriptor := in.stand.Descriptor
	account := rbac.ServiceAccount
	if in.options.Mode == modeNative {
		account = rbac.ImpersonatingServiceAccount
	}
	token, err := in.accountToken(ctx, account)
	if err != nil {
		return environment("make the dashboard's service-account token", err)
	}
	authorityFile := pki.CertificatePath(descriptor.AuthorityDir)
	authorityPEM, err := os.ReadFile(authorityFile)
	if err != nil {
		return environment("read the run's authority", err)
	}
	planted := in.options.Fault
	if planted.Environment.WithoutIssuerCA {
		authorityFile = ""
	}
	source := descriptor.Dashboard
	if planted.Dashboard != nil {
		source = descriptor.Faulty.With(planted.Argument())
	}
	settings := dashboard.Settings{
		Name:          name,
		Address:       fmt.Sprintf("127.0.0.%d", firstReplica+len(in.replicas)),
		Port:          in.front.Port(),
		Cluster:       clusterName,
		BaseURL:       in.options.Setup.BaseURL,
		Dir:           filepath.Join(in.dir, name),
		LogDir:        filepath.Join(in.dir, "logs"),
		APIServerHost: tap.Host,
		APIServerPort: in.upstreamPort(),
		Account:       dashboard.Account{Token: token, CA: authorityPEM, Namespace: rbac.Namespace},
		Impersonate:   in.options.Mode == modeNative,

		UsernamePrefix:      in.issuer().UsernamePrefix,
		GroupsPrefix:        in.issuer().GroupsPrefix,
		BehindIdentityProxy: in.options.Setup.IdentityProxy,

		Issuer:       in.realm.Issuer,
		ClientID:     in.realm.ClientID,
		ClientSecret: in.realm.ClientSecret.Reveal(),
		Scopes:       scopes,
		IssuerCA:     authorityFile,
	}
	settings.Others = in.secondFor(settings)
	if in.sideways() {
		settings.Issuer, settings.ValidatorIssuer = in.relay.URL()+"/realms/"+in.realm.Name, in.realm.Issuer
	}
	if in.options.Setup.Dashboard != nil {
		in.options.Setup.Dashboard(&settings)
	}
	replica, err := source.Start(ctx, settings)
	if err != nil {
		return in.undone(ctx, judge.Crashed, fmt.Errorf("start the dashboard: %w", err))
	}
	in.onClose(func(context.Context) error { return replica.Stop() })
	in.replicas = append(in.replicas, replica)
	addresses := make([]*url.URL, len(in.replicas))
	for i, started := range in.replicas {
		addresses[i] = started.URL
	}
	in.front.SetReplicas(addresses...)
	return nil
}

// address is the dashboard's for the browser, without a slash at its end.
func (in *Installation) address() string { return in.front.URL() + in.options.Setup.BaseURL }

// upstreamPort is where the dashboard finds what it takes for the API server.
func (in *Installation) upstreamPort() int {
	if in.impersonator != nil {
		return in.impersonator.Port()
	}
	return in.tap.Port()
}
