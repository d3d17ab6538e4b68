package installation

import (
	"context"
	"fmt"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/rbac"
	"github.com/headlamp-conformance/headlamp-conformance/fixtures/realm"
)

// impersonating is what an account may do that has one of the roles, as the
// authorizer names it.
var impersonating = map[string]cluster.Attributes{
	rbac.ImpersonatingRole: {Verb: "impersonate", Resource: "users"},
	rbac.LookingRole:       {Verb: "impersonate:user-info", Group: "authentication.k8s.io", Resource: "users"},
}

// lacks says what the dashboard, or the product in the impersonator's place, would
// need for the setup and has not, or nothing.
func (in *Installation) lacks() string {
	setup, dashboard := in.options.Setup, in.stand.Descriptor.Dashboard
	product, native := in.stand.Descriptor.Product != nil, in.options.Mode == modeNative
	prefixed := setup.RealmKind == realm.Prefixed || setup.RealmKind == realm.IssuerPrefixed
	switch {
	case product && setup.Relayed:
		return "the product in the impersonator's place was told Keycloak's own address, not a relay's"
	case product && setup.Account != "":
		return "the product in the impersonator's place has a credential that no scenario takes rights from"
	case product && prefixed:
		return "the product in the impersonator's place was told of no prefixes"
	case native && setup.Account != "" && !dashboard.CanImpersonate():
		return "the dashboard cannot be told to impersonate its users"
	case native && prefixed && !dashboard.CanPrefix():
		return "the dashboard cannot be told what to put before the names of the users and groups that it impersonates"
	}
	return ""
}

// ownAccount says whether the one who impersonates has an account that no other
// installation has.
func (in *Installation) ownAccount() bool {
	return in.options.Mode != modeToken && (in.options.Setup.Account != "" || in.options.Fault.Environment.WithoutImpersonation)
}

// makeAccount makes the installation's own account, with the role that the setup
// names, when it asks for one. A fault may keep the role from it.
func (in *Installation) makeAccount(ctx context.Context) error {
	if !in.ownAccount() {
		return nil
	}
	in.account = newName("account")
	in.onClose(func(ctx context.Context) error {
		return in.stand.Cluster.DeleteServiceAccount(ctx, rbac.Namespace, in.account)
	})
	if err := in.stand.Cluster.CreateServiceAccount(ctx, rbac.Namespace, in.account); err != nil {
		return environment("make the account that impersonates", err)
	}
	if in.options.Fault.Environment.WithoutImpersonation {
		return nil
	}
	in.onClose(func(ctx context.Context) error { return in.stand.Cluster.Revoke(ctx, in.account) })
	if err := in.stand.Cluster.GrantAccount(ctx, in.account, rbac.Namespace, in.account, in.options.Setup.Account); err != nil {
		return environment("let the account impersonate", err)
	}
	return environment("let the account impersonate", in.awaitImpersonation(ctx, true))
}

// accountToken is the credential of the one who impersonates, or of a dashboard that
// does not: that of its own account, else that of the one that all share.
func (in *Installation) accountToken(ctx context.Context, shared string) (string, error) {
	account := shared
	if in.account != "" && shared != rbac.ServiceAccount {
		account = in.account
	}
	return in.stand.Cluster.ServiceAccountToken(ctx, rbac.Namespace, account)
}

// TakeImpersonation takes the permission to impersonate from the installation's own
// account, and notes when the API server's authorizer knows it.
func (in *Installation) TakeImpersonation(ctx context.Context) error {
	err := in.stand.Cluster.Revoke(ctx, in.account)
	if err == nil {
		err = in.awaitImpersonation(ctx, false)
	}
	if err != nil {
		return environment("take the permission to impersonate from the account", err)
	}
	in.did(timeline.ImpersonationTaken)
	return nil
}

func (in *Installation) awaitImpersonation(ctx context.Context, allowed bool) error {
	bounded, cancel := context.WithTimeoutCause(ctx, acceptTimeout, fmt.Errorf("not within %s", acceptTimeout))
	defer cancel()
	return in.stand.Cluster.AwaitAllowed(bounded, allowed, cluster.AccountName(rbac.Namespace, in.account), nil, impersonating[in.options.Setup.Account])
}
