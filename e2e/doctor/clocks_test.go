package doctor

import (
	"strings"
	"testing"
	"time"
)

func TestClocksAreComparedWithEachOther(t *testing.T) {
	t.Parallel()
	sent := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		ahead  map[string]time.Duration
		result Result
		says   string
	}{
		"nobody":                    {nil, Unchecked, "nobody said"},
		"both right":                {map[string]time.Duration{"Keycloak": 0, "the API server": time.Second}, Right, "the API server is 1s ahead"},
		"this machine's own":        {map[string]time.Duration{"Keycloak": time.Hour, "the API server": time.Hour}, Right, "Keycloak is 1h0m0s ahead"},
		"Keycloak's behind":         {map[string]time.Duration{"Keycloak": -5 * time.Minute, "the API server": 0}, Wrong, "5m0s apart"},
		"the dashboard's":           {map[string]time.Duration{"Keycloak": 0, "the API server": 0, "the dashboard": 10 * time.Second}, Wrong, "10s apart"},
		"one alone, near":           {map[string]time.Duration{"Keycloak": 4 * time.Second}, Right, "4s ahead"},
		"one alone, far":            {map[string]time.Duration{"Keycloak": -time.Minute}, Doubtful, "one of both is wrong"},
		"as far as it may be apart": {map[string]time.Duration{"Keycloak": 0, "the API server": apart}, Right, "5s ahead"},
	} {
		var seen Clocks
		for whose, off := range c.ahead {
			seen.note(whose, sent.Add(off), sent.Add(-time.Second/2), sent.Add(3*time.Second/2))
		}
		if says, result := seen.compare(); result != c.result || !strings.Contains(says, c.says) {
			t.Errorf("%s: %s, %q", name, result, says)
		}
	}
}
