package admission_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
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

func TestALoginThatHangsKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		gate := admission.Gate{Dir: dir, Places: 1}
		leave, err := gate.Enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		leaveSecond, err := gate.Enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begun); waited < admission.PlaceFor || waited > admission.PlaceFor+time.Second {
			t.Errorf("another waits %s", waited)
		}
		// Whoever has lost a place does not give up another's.
		leave()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := gate.Enter(short); err == nil {
			t.Error("a second was admitted to one place")
		}
		leaveSecond()
	})
}

func TestWhoIsNotAdmittedIsToldWhatForAndWhy(t *testing.T) {
	t.Parallel()
	gate := admission.Gate{Dir: t.TempDir(), Places: 1}
	leave, err := gate.Enter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	reason := errors.New("the spec is over")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(reason)
	_, err = gate.Enter(ctx)
	if !errors.Is(err, reason) || !strings.Contains(err.Error(), "1 places to log in") {
		t.Errorf("got %v", err)
	}
}

func TestAGateWithoutItsDirectoryAdmitsNobody(t *testing.T) {
	t.Parallel()
	gate := admission.Gate{Dir: filepath.Join(t.TempDir(), "missing"), Places: 1}
	if _, err := gate.Enter(t.Context()); err == nil || !strings.Contains(err.Error(), gate.Dir) {
		t.Errorf("got %v", err)
	}
}
