package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/dashboard"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report/html"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/settings"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
	"github.com/headlamp-conformance/headlamp-conformance/suites/conformance"
)

func TestTheWorstRunIsTheMatrix(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ one, other, want int }{
		{exitAsRecorded, exitAsRecorded, exitAsRecorded},
		{exitAsRecorded, exitBlocked, exitBlocked},
		{exitNotRecorded, exitBlocked, exitNotRecorded},
		{exitBlocked, exitNotRecorded, exitNotRecorded},
		{exitNotRecorded, exitAsRecorded, exitNotRecorded},
	} {
		if got := worse(row.one, row.other); got != row.want {
			t.Errorf("%d and %d is %d, want %d", row.one, row.other, got, row.want)
		}
	}
}

func TestADashboardWhoseTurnNeverCameHasAReportThatSaysSo(t *testing.T) {
	t.Parallel()
	interrupted, interrupt := context.WithCancel(t.Context())
	interrupt()
	for name, row := range map[string]struct {
		ctx    context.Context
		broken error
		say    string
	}{
		"no stand":     {t.Context(), errors.New("Keycloak did not start"), "Keycloak did not start"},
		"interruption": {interrupted, nil, "before it was this dashboard's turn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resolved := stand.Settings{
				ReportDir: t.TempDir(), Dashboard: dashboard.Source{Name: dashboard.Headlamp, Version: "0.45.0"},
				Identity: "token", Lifetime: 30 * time.Second, Expiries: 3,
			}
			options := matrixOptions{runOptions: runOptions{Settings: settings.Defaults()}}
			plan := conformance.Once(conformance.Catalogue(), conformance.Token)
			code, err := options.runOne(row.ctx, nil, row.broken, matrixRun{"./v0.45.0", resolved, options.record(resolved, plan, time.Now())}, &terminal{out: io.Discard})
			if err != nil || code != exitBlocked {
				t.Fatalf("exit code %d, %v", code, err)
			}
			read, err := report.Load(resolved.ReportDir)
			if err != nil {
				t.Fatal(err)
			}
			if !read.Blocked || read.Totals[string(judge.Blocked)] != len(plan) {
				t.Errorf("blocked is %v, totals %v", read.Blocked, read.Totals)
			}
			contains(t, read.Reason+read.Scenarios[0].Reason, row.say)
			if _, err := os.Stat(filepath.Join(resolved.ReportDir, html.FileName)); err != nil {
				t.Error(err)
			}
		})
	}
}
