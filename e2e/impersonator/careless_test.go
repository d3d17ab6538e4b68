package impersonator_test

import (
	"net/http"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/impersonator"
)

func TestAPlantedFaultAdmitsWhatItIsAskedTo(t *testing.T) {
	t.Parallel()
	asked := 0
	h := newHop(t, func(options *impersonator.Options) {
		options.Admits = func(bearer string) bool {
			asked++
			return bearer != "nonsense"
		}
	})
	other := h.issuer.token(t, map[string]any{"aud": "another-client"})
	for token, want := range map[string]int{h.issuer.token(t, nil): http.StatusOK, other: http.StatusOK, "nonsense": http.StatusUnauthorized} {
		if response := h.ask(t, "/", token); response.StatusCode != want {
			t.Errorf("answered %d, not %d", response.StatusCode, want)
		}
	}
	if asked != 2 {
		t.Errorf("it was asked about %d tokens, and two are bad", asked)
	}
	if reached := h.reached(); reached != 2 {
		t.Errorf("%d requests reached the upstream", reached)
	}
}
