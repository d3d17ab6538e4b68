package installation

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/identityproxy"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pages"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
)

// renewalsInLifetime is how many times the identity-aware proxy renews a user's
// tokens while the first one would live: what it passes on must not expire.
const renewalsInLifetime = 3

// canStandBehindProxy gives the scenario up that puts an identity-aware proxy before
// a dashboard which knows none.
func (in *Installation) canStandBehindProxy() error {
	if !in.options.Setup.IdentityProxy {
		return nil
	}
	descriptor := in.stand.Descriptor
	if !descriptor.Dashboard.Flags[dashboard.ProxyAuthFlag] {
		return &InapplicableError{Reason: "the dashboard has no flag -" + dashboard.ProxyAuthFlag + ": it takes its users from no identity-aware proxy"}
	}
	if descriptor.IdentityProxy == "" {
		return environment("find an identity-aware proxy", errors.New(descriptor.IdentityProxyLacks))
	}
	return nil
}

// callbacks are where Keycloak may send the browser back to.
func (in *Installation) callbacks() []string {
	if in.options.Setup.IdentityProxy {
		return []string{in.address() + identityproxy.Callback}
	}
	return []string{in.address() + callback}
}

// startIdentityProxy puts an identity-aware proxy between the front and the
// dashboard.
func (in *Installation) startIdentityProxy(ctx context.Context, authority *pki.Authority) error {
	behind := in.replicas[0].URL
	started, err := identityproxy.Start(ctx, identityproxy.Options{
		Executable: in.stand.Descriptor.IdentityProxy, Authority: authority, IssuerCA: pki.CertificatePath(in.stand.Descriptor.AuthorityDir),
		Dir: filepath.Join(in.dir, "identity-proxy"), LogDir: filepath.Join(in.dir, "logs"),
		Front: in.front.URL(), Dashboard: behind,
		Issuer: in.realm.Issuer, ClientID: in.realm.ClientID, ClientSecret: in.realm.ClientSecret.Reveal(), Scopes: scopes,
		RenewAfter: in.stand.Descriptor.Lifetime / renewalsInLifetime,
	})
	if err != nil {
		return environment("start the identity-aware proxy", err)
	}
	in.identityProxy = started
	in.onClose(func(context.Context) error { return started.Stop() })
	in.front.SetReplicas(started.URL)
	if past := in.options.Fault.Environment.PastIdentityProxy; past != nil {
		in.front.LetPast(past, behind)
	}
	return nil
}

// passLogin logs a user in on a page: through the window that Sign In opens, or at
// Keycloak's form alone, to which an identity-aware proxy sends whoever comes.
func (in *Installation) passLogin(ctx context.Context, page pages.Headlamp, user User) error {
	if in.options.Setup.IdentityProxy {
		if err := page.OpenSentToLogin(ctx); err != nil {
			return err
		}
		return pages.LogInAtKeycloak(ctx, page.Tab, user.Name, user.account.Password.Reveal())
	}
	if err := page.Open(ctx); err != nil {
		return err
	}
	return in.logInThrough(ctx, page, user)
}

// passLoginBare is the same without a page.
func (in *Installation) passLoginBare(ctx context.Context, client *rawclient.Client, user User) error {
	logIn := client.LogIn
	if in.options.Setup.IdentityProxy {
		logIn = client.LogInAtProxy
	}
	return logIn(ctx, user.Name, user.account.Password.Reveal())
}
