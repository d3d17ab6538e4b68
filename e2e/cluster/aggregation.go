package cluster

import (
	"context"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// aggregateRoles writes the rules of the roles that gather those of others,
// admin, edit and view among them. A controller does it in a whole cluster; here
// there is none, and whoever were bound to edit could do nothing.
func aggregateRoles(ctx context.Context, config *rest.Config) error {
	clientset, err := kubernetes.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("make a client for roles: %w", err)
	}
	roles := clientset.RbacV1().ClusterRoles()
	list, err := roles.List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("list the cluster roles: %w", err)
	}
	changed, err := aggregate(list.Items)
	if err != nil {
		return err
	}
	for _, role := range changed {
		if _, err := roles.Update(ctx, role, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("write the rules of the cluster role %s: %w", role.Name, err)
		}
	}
	return nil
}

// aggregate gives the roles their gathered rules, and returns those that it
// changed. A role may gather from one that gathers itself, so it goes on until
// nothing changes: rules are only added, so that is soon.
func aggregate(roles []rbacv1.ClusterRole) ([]*rbacv1.ClusterRole, error) {
	var changed []*rbacv1.ClusterRole
	for again := true; again; {
		again = false
		for i := range roles {
			role := &roles[i]
			if role.AggregationRule == nil {
				continue
			}
			rules, err := gather(role, roles)
			if err != nil {
				return nil, err
			}
			if equality.Semantic.DeepEqual(role.Rules, rules) {
				continue
			}
			role.Rules, again = rules, true
			if !slices.Contains(changed, role) {
				changed = append(changed, role)
			}
		}
	}
	return changed, nil
}

// gather returns the rules of the roles that one selects, each once.
func gather(into *rbacv1.ClusterRole, roles []rbacv1.ClusterRole) ([]rbacv1.PolicyRule, error) {
	var rules []rbacv1.PolicyRule
	for _, selector := range into.AggregationRule.ClusterRoleSelectors {
		selects, err := metav1.LabelSelectorAsSelector(&selector)
		if err != nil {
			return nil, fmt.Errorf("read what the cluster role %s selects: %w", into.Name, err)
		}
		for i := range roles {
			if roles[i].Name == into.Name || !selects.Matches(labels.Set(roles[i].Labels)) {
				continue
			}
			for _, rule := range roles[i].Rules {
				same := func(other rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(rule, other) }
				if !slices.ContainsFunc(rules, same) {
					rules = append(rules, rule)
				}
			}
		}
	}
	return rules, nil
}
