package admission_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/admission"
)

func TestGateAdmitsAsManyAsItHasPlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		gate := admission.Gate{Dir: dir, Places: 2}
		leave, err := gate.Enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaveSecond, err := gate.Enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer leaveSecond()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := gate.Enter(short); err == nil {
			t.Fatal("a third was admitted to two places")
		}
		leave()
		again, err := gate.Enter(t.Context())
		if err != nil {
			t.Fatalf("after one left: %v", err)
		}
		again()
	})
}
