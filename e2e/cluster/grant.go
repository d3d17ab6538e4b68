package cluster

import (
	"context"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Grant gives a user a role in the whole cluster, by a binding of this name.
func (c *Cluster) Grant(ctx context.Context, binding, user, role string) error {
	return c.bind(ctx, binding, role, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user})
}

// GrantAccount gives a service account a role in the whole cluster, by a binding of
// this name.
func (c *Cluster) GrantAccount(ctx context.Context, binding, namespace, account, role string) error {
	return c.bind(ctx, binding, role, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: account})
}

func (c *Cluster) bind(ctx context.Context, binding, role string, subject rbacv1.Subject) error {
	_, err := c.clientset.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: binding},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{subject},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("give %s the role %s: %w", subject.Name, role, err)
	}
	return nil
}

// Revoke takes away what Grant or GrantAccount gave. What has been taken stays so.
func (c *Cluster) Revoke(ctx context.Context, binding string) error {
	err := c.clientset.RbacV1().ClusterRoleBindings().Delete(ctx, binding, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("take the binding %s away: %w", binding, err)
	}
	return nil
}

// AwaitAllowed waits until the API server's authorizer allows a user something, or
// until it does not: it learns of a binding a moment after that was made.
func (c *Cluster) AwaitAllowed(ctx context.Context, allowed bool, user string, groups []string, asked Attributes) error {
	return poll(ctx, func() error {
		now, err := c.Allowed(ctx, user, groups, asked)
		if err == nil && now != allowed {
			err = fmt.Errorf("whether %s may %s %s: %t", user, asked.Verb, asked.Resource, now)
		}
		return err
	})
}
