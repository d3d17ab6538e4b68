package installation

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/impersonator"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pki"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/tap"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/rbac"
)

// hop is what the dashboard takes for the API server in the identity mode proxy.
type hop interface {
	Port() int
	Close() error
}

// startImpersonator puts an impersonator between dashboard and tap: another
// product when the stand was given one, else ours, under an account that may do
// nothing but impersonate.
func (in *Installation) startImpersonator(ctx context.Context, authority *pki.Authority) error {
	if product := in.stand.Descriptor.Product; product != nil {
		return in.putForeignImpersonator(authority, *product)
	}
	credential, err := in.accountToken(ctx, rbac.Impersonator)
	if err != nil {
		return environment("make the impersonator's service-account token", err)
	}
	started, err := impersonator.Start(impersonator.Options{
		Authority:  authority,
		Recorder:   in.recorder,
		Upstream:   "https://" + net.JoinHostPort(tap.Host, strconv.Itoa(in.tap.Port())),
		Roots:      authority.Pool(),
		Issuer:     in.issuer(),
		Credential: credential,
		Alter:      in.options.Fault.Environment.Impersonated,
		Admits:     in.options.Fault.Environment.Admitted,
	})
	if err != nil {
		return environment("start the impersonator", err)
	}
	in.impersonator = started
	in.onClose(func(context.Context) error { return started.Close() })
	return environment("wait until the impersonator accepts the realm's tokens", in.withToken(ctx, started.Ready))
}

func (in *Installation) putForeignImpersonator(authority *pki.Authority, product stand.Product) error {
	roots := authority.Pool()
	if product.CAFile != "" {
		content, err := os.ReadFile(product.CAFile)
		if err != nil {
			return environment("read the authority of the product in the impersonator's place", err)
		}
		if !roots.AppendCertsFromPEM(content) {
			return environment("read the authority of the product in the impersonator's place", fmt.Errorf("%s holds no certificate", product.CAFile))
		}
	}
	started, err := impersonator.StartForeign(authority, in.recorder, product.URL, roots)
	if err != nil {
		return environment("stand before the product in the impersonator's place", err)
	}
	in.impersonator = started
	in.onClose(func(context.Context) error { return started.Close() })
	return nil
}

// tapPort is the port that the tap has to listen on, or 0 for a free one.
func (in *Installation) tapPort() int {
	if product := in.stand.Descriptor.Product; product != nil {
		return product.TapPort
	}
	return 0
}
