package cluster_test

import (
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
)

func checkGrant(t *testing.T, s *side) {
	admin := s.connected
	asked := cluster.Attributes{Verb: "list", Group: "rbac.authorization.k8s.io", Resource: "clusterroles"}
	groups := []string{"developers"}
	if err := admin.AwaitAllowed(t.Context(), false, "granted", groups, asked); err != nil {
		t.Fatal(err)
	}
	if err := admin.Grant(t.Context(), "of-granted", "granted", "cluster-admin"); err != nil {
		t.Fatal(err)
	}
	if err := admin.AwaitAllowed(t.Context(), true, "granted", groups, asked); err != nil {
		t.Error(err)
	}
	// Whoever takes it twice takes nothing the second time.
	for range 2 {
		if err := admin.Revoke(t.Context(), "of-granted"); err != nil {
			t.Error(err)
		}
	}
	if err := admin.AwaitAllowed(t.Context(), false, "granted", groups, asked); err != nil {
		t.Error(err)
	}
}
