package cluster

import (
	"reflect"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestARoleGathersRulesAlsoFromRolesThatGather(t *testing.T) {
	t.Parallel()
	reads := rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}
	writes := rbacv1.PolicyRule{Verbs: []string{"create"}, APIGroups: []string{""}, Resources: []string{"pods"}}
	foreign := rbacv1.PolicyRule{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}
	// As in a cluster: edit comes before view, which it gathers from.
	roles := []rbacv1.ClusterRole{
		gathering(role("edit", ""), "edit"),
		role("foreign", "", foreign),
		role("reads", "view", reads),
		role("reads-too", "view", reads),
		gathering(role("view", "edit"), "view"),
		role("writes", "edit", writes),
	}
	changed, err := aggregate(roles)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]rbacv1.PolicyRule{}
	for _, role := range changed {
		got[role.Name] = role.Rules
	}
	want := map[string][]rbacv1.PolicyRule{"view": {reads}, "edit": {reads, writes}}
	if !reflect.DeepEqual(got, want) || len(changed) != len(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if again, err := aggregate(roles); err != nil || len(again) > 0 {
		t.Errorf("a second time it changes %v, %v", again, err)
	}
}

func TestARoleWithASelectorThatIsNoneIsNamed(t *testing.T) {
	t.Parallel()
	broken := role("broken", "")
	broken.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{
		{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "to", Operator: "resembles"}}},
	}}
	if _, err := aggregate([]rbacv1.ClusterRole{broken}); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("got %v", err)
	}
}

func role(name, to string, rules ...rbacv1.PolicyRule) rbacv1.ClusterRole {
	return rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"to": to}}, Rules: rules}
}

func gathering(role rbacv1.ClusterRole, from string) rbacv1.ClusterRole {
	role.AggregationRule = &rbacv1.AggregationRule{
		ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"to": from}}},
	}
	return role
}
