package html

import (
	"testing"
	"time"
)

func TestWarningsAndErrorsOfTheLogAreDrawn(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	plain := at.Local().Format(plainTime)
	for line, want := range map[string]mark{
		`{"level":"error","cluster":"main","line":920,"error":"refreshing token: key not found","time":"2026-11-01T12:00:00Z","message":"failed to refresh token"}`: {at: at, look: broken, text: "failed to refresh token: refreshing token: key not found"},
		`{"time":"2026-11-01T12:00:00Z","level":"WARN","message":"login refused"}`:                                                                                  {at: at, look: refused, text: "login refused"},
		`{"time":"2026-11-01T12:00:00Z","level":"error","error":"no message"}`:                                                                                      {at: at, look: broken, text: "no message"},
		plain + " http: proxy error: No valid id-token\n":                                                                                                           {at: at, look: broken, text: "http: proxy error: No valid id-token"},
		`{"level":"info","time":"2026-11-01T12:00:00Z","message":"listening"}`:                                                                                      {},
		`{"level":"error","message":"without a time"}`:                                                                                                              {},
		`{"level":"error","time":"2026-11-01`:                                                                                                                       {},
		"*** Headlamp Server ***":                                                                                                                                   {},
		plain:                                                                                                                                                       {},
		"":                                                                                                                                                          {},
	} {
		got, worth := readLog(line)
		if worth != (want.text != "") || (worth && (!got.at.Equal(want.at) || got.look != want.look || got.text != want.text)) {
			t.Errorf("%s: %+v, %t", line, got, worth)
		}
	}
}

func FuzzLogLane(f *testing.F) {
	f.Add(`{"level":"error","time":"2026-11-01T12:00:00Z","message":"m"}` + "\n2026/11/01 12:00:00 plain\n")
	f.Fuzz(func(t *testing.T, log string) {
		for _, m := range logLane(log).rows[0].marks {
			if m.at.IsZero() || m.look == "" {
				t.Errorf("%q: %+v", log, m)
			}
		}
	})
}
