package installation

import (
	"context"
	"net"
	"strconv"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/impersonator"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/tap"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/rbac"
)

// startImpersonator puts an impersonator between dashboard and tap, under an
// account that may do nothing but impersonate.
func (in *Installation) startImpersonator(ctx context.Context, authority *pki.Authority) error {
	credential, err := in.stand.Cluster.ServiceAccountToken(ctx, rbac.Namespace, rbac.Impersonator)
	if err != nil {
		return environment("make the impersonator's service-account token", err)
	}
	started, err := impersonator.Start(impersonator.Options{
		Authority:  authority,
		Recorder:   in.recorder,
		Upstream:   "https://" + net.JoinHostPort(tap.Host, strconv.Itoa(in.tap.Port())),
		Roots:      authority.Pool(),
		Issuer:     in.stand.Descriptor.Issuer(in.realm.Name),
		Credential: credential,
		Alter:      in.options.Fault.Environment.Impersonated,
	})
	if err != nil {
		return environment("start the impersonator", err)
	}
	in.impersonator = started
	in.onClose(func(context.Context) error { return started.Close() })
	return environment("wait until the impersonator accepts the realm's tokens", in.withToken(ctx, started.Ready))
}
