package installation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// TimelineFile is the name of a saved timeline in an evidence directory.
const TimelineFile = "timeline.jsonl"

// apiServerLog is the name of what is kept of the API server's log.
const apiServerLog = "kube-apiserver.log"

// SaveTimeline saves what was seen, of a spec that passed too.
func (in *Installation) SaveTimeline() error {
	return in.recorder.Timeline().Save(filepath.Join(in.evidence, TimelineFile))
}

// tabTimeout is the longest that it may take to keep what one tab shows.
const tabTimeout = 10 * time.Second

// CollectEvidence saves everything that helps to understand a failure, while
// the installation still stands. It is best effort: what fails is reported, and
// the rest is saved all the same. Nothing that it writes holds a secret.
func (in *Installation) CollectEvidence(ctx context.Context) error {
	var failed []error
	if _, err := in.Observe(ctx); err != nil {
		failed = append(failed, err)
	}
	for _, tab := range in.tabs {
		failed = append(failed, in.keepTab(ctx, tab))
	}
	for _, replica := range in.replicas {
		log, err := os.ReadFile(replica.LogFile())
		if err != nil {
			failed = append(failed, fmt.Errorf("read the dashboard's log: %w", err))
			continue
		}
		failed = append(failed, in.keep(filepath.Base(replica.LogFile()), []byte(redact.Text(string(log)))))
	}
	if in.identityProxy != nil {
		log, err := os.ReadFile(in.identityProxy.LogFile())
		failed = append(failed, err, in.keep("identity-proxy.log", []byte(redact.Text(string(log)))))
	}
	failed = append(failed, in.keepAPIServerLog())
	line := in.recorder.Timeline()
	for _, slice := range []struct {
		file string
		fits func(timeline.Event) bool
	}{
		{"network.jsonl", func(e timeline.Event) bool {
			return (e.Witness == timeline.Page || e.Witness == timeline.Front) && e.Request != nil
		}},
		{"console.jsonl", func(e timeline.Event) bool { return e.Kind == timeline.Console }},
		{"impersonator.jsonl", func(e timeline.Event) bool { return e.Witness == timeline.Impersonator }},
		{"tap.jsonl", func(e timeline.Event) bool { return e.Witness == timeline.Tap }},
		{"audit.jsonl", func(e timeline.Event) bool { return e.Witness == timeline.Audit }},
		{"keycloak.jsonl", func(e timeline.Event) bool { return e.Witness == timeline.Keycloak }},
	} {
		content, err := lines(line.Select(slice.fits))
		failed = append(failed, err, in.keep(slice.file, content))
	}
	return errors.Join(failed...)
}

// LoadLogs reads what the dashboard's replicas logged, out of a directory of
// evidence: nothing of a spec that passed.
func LoadLogs(dir string) (string, error) { return loadLogs(dir, "dashboard-*.log") }

// LoadAPIServerLog reads what the API server logged about the realm, out of a
// directory of evidence: nothing of a spec that passed.
func LoadAPIServerLog(dir string) (string, error) { return loadLogs(dir, apiServerLog) }

func loadLogs(dir, pattern string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return "", fmt.Errorf("look for logs in %s: %w", dir, err)
	}
	var logs strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read a log: %w", err)
		}
		logs.Write(content)
	}
	return logs.String(), nil
}

// keepAPIServerLog keeps what the API server logged about the realm, which is the
// installation's alone for as long as it stands. What it logged about earlier ones of
// the realm is the same: it was told of the issuer once.
func (in *Installation) keepAPIServerLog() error {
	path := in.stand.Descriptor.Cluster.Log
	if path == "" || in.realm == nil {
		return nil
	}
	log, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the API server's log: %w", err)
	}
	var about strings.Builder
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, in.realm.Issuer) {
			about.WriteString(redact.Text(line))
		}
	}
	if about.Len() == 0 {
		return nil
	}
	return in.keep(apiServerLog, []byte(about.String()))
}

// keepTab keeps what a tab shows. One whose page never comes shows nothing, and
// must not take the time of the rest.
func (in *Installation) keepTab(ctx context.Context, tab *browser.Tab) error {
	bounded, cancel := context.WithTimeoutCause(ctx, tabTimeout, fmt.Errorf("not within %s", tabTimeout))
	defer cancel()
	picture, pictureErr := tab.Screenshot(bounded)
	if pictureErr == nil {
		in.recorder.Add(timeline.Event{Witness: timeline.Suite, Kind: timeline.Pictured, Tab: tab.Name(), Text: tab.Name() + ".png"})
		pictureErr = in.keep(tab.Name()+".png", picture)
	}
	html, htmlErr := tab.HTML(bounded)
	if htmlErr == nil {
		htmlErr = in.keep(tab.Name()+".html", []byte(html))
	}
	return errors.Join(pictureErr, htmlErr)
}

func (in *Installation) keep(name string, content []byte) error {
	if err := os.WriteFile(filepath.Join(in.evidence, name), content, 0o644); err != nil {
		return fmt.Errorf("keep the evidence %s: %w", name, err)
	}
	return nil
}

func lines(events []timeline.Event) ([]byte, error) {
	var content []byte
	for _, event := range events {
		line, err := json.Marshal(event)
		if err != nil {
			return nil, fmt.Errorf("encode an event: %w", err)
		}
		content = append(append(content, line...), '\n')
	}
	return content, nil
}
