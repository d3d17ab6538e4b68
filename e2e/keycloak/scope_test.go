package keycloak

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// leasedOf leases a realm of a recorded Keycloak, and forgets what that took.
func leasedOf(t *testing.T) (*Realm, *recorder) {
	t.Helper()
	admin, recorder := recording(t, "")
	leased, err := admin.Lease(t.Context(), LeaseOptions{Lifetime: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	recorder.calls = nil
	return leased, recorder
}

func TestAScopeIsTakenAndGivenAtItsOwnAddress(t *testing.T) {
	t.Parallel()
	leased, recorder := leasedOf(t)
	if err := leased.WithdrawScope(t.Context(), "offline_access"); err != nil {
		t.Fatal(err)
	}
	if err := leased.AssignScope(t.Context(), "offline_access"); err != nil {
		t.Fatal(err)
	}
	var changed []string
	for _, call := range recorder.calls {
		if !strings.HasPrefix(call.what, "GET ") {
			changed = append(changed, call.what)
		}
	}
	const address = " one/clients/the-client/optional-client-scopes/the-scope"
	if want := []string{"DELETE" + address, "PUT" + address}; !slices.Equal(changed, want) {
		t.Errorf("changed %q", changed)
	}
	if err := leased.WithdrawScope(t.Context(), "unheard-of"); err == nil || !strings.Contains(err.Error(), `no scope "unheard-of"`) {
		t.Errorf("a scope that there is not: %v", err)
	}
}

func TestGroupsAreMadeBelowOneAndGoWithIt(t *testing.T) {
	t.Parallel()
	leased, recorder := leasedOf(t)
	if err := leased.CreateGroups(t.Context(), "many", []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	var names []any
	for _, call := range recorder.calls {
		names = append(names, call.body["name"])
	}
	if want := []any{"many", "a", "b"}; !slices.Equal(names, want) {
		t.Errorf("made %v", names)
	}
	if err := leased.DeleteGroup(t.Context(), "many"); err != nil {
		t.Fatal(err)
	}
	if last := recorder.calls[len(recorder.calls)-1].what; last != "DELETE one/groups/left" {
		t.Errorf("removed by %s", last)
	}
	if err := leased.DeleteGroup(t.Context(), "few"); err == nil || !strings.Contains(err.Error(), `no group "few"`) {
		t.Errorf("a group that there is not: %v", err)
	}
}

func TestAUserJoinsANewGroupAndLeavesOne(t *testing.T) {
	t.Parallel()
	leased, recorder := leasedOf(t)
	user := User{ID: "alice"}
	if err := leased.JoinNewGroup(t.Context(), user, "eu/west"); err != nil {
		t.Fatal(err)
	}
	if made := recorder.calls[0]; made.what != "POST one/groups" || made.body["name"] != "eu/west" {
		t.Errorf("made by %s: %v", made.what, made.body)
	}
	if joined := recorder.calls[1].what; !strings.HasPrefix(joined, "PUT one/users/alice/groups/") {
		t.Errorf("joined by %s", joined)
	}
	if err := leased.LeaveGroup(t.Context(), user, "developers"); err != nil {
		t.Fatal(err)
	}
	if last := recorder.calls[len(recorder.calls)-1].what; last != "DELETE one/users/alice/groups/fixed" {
		t.Errorf("left by %s", last)
	}
	if err := leased.LeaveGroup(t.Context(), user, "few"); err == nil || !strings.Contains(err.Error(), `no group "few"`) {
		t.Errorf("a group that there is not: %v", err)
	}
}

func TestALentKeySignsNothingAndIsWithdrawnAlone(t *testing.T) {
	t.Parallel()
	leased, recorder := leasedOf(t)
	key, err := leased.LendKey(t.Context())
	if err != nil || key.N.BitLen() < 2048 {
		t.Fatalf("lent %v, %v", key, err)
	}
	config, _ := recorder.calls[0].body["config"].(map[string]any)
	if active, _ := config["active"].([]any); recorder.calls[0].what != "POST one/components" || !slices.Equal(active, []any{"false"}) {
		t.Errorf("lent by %s, active %v", recorder.calls[0].what, config["active"])
	}
	if err := leased.WithdrawKey(t.Context()); err != nil {
		t.Fatal(err)
	}
	if last := recorder.calls[len(recorder.calls)-1].what; last != "DELETE one/components/the-lent" {
		t.Errorf("withdrawn by %s", last)
	}
}
