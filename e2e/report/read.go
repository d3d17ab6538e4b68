package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"sigs.k8s.io/yaml"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// mostBytes is how large a report may be: many times what a run writes, and
// nothing that fills a machine.
const mostBytes = 64 << 20

// mostMistakes is how many mistakes of a report are said at once.
const mostMistakes = 5

// Directory is the report directory that a path names, as Load reads it, or ""
// for a report that came without one.
func Directory(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path
	}
	if filepath.Base(path) == FileName {
		return filepath.Dir(path)
	}
	return ""
}

// Load reads the report at a path: a report directory, or the file in it.
func Load(path string) (Report, error) {
	file := path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		file = filepath.Join(path, FileName)
	}
	opened, err := os.Open(file)
	if err != nil {
		return Report{}, fmt.Errorf("read the report: %w; give a directory that a run has written with --report-dir, or its %s", err, FileName)
	}
	defer opened.Close()
	content, err := io.ReadAll(io.LimitReader(opened, mostBytes+1))
	if err != nil {
		return Report{}, fmt.Errorf("read the report: %w", err)
	}
	if len(content) > mostBytes {
		return Report{}, fmt.Errorf("read the report %s: it is larger than %d MB, which no run writes", file, mostBytes>>20)
	}
	report, err := Parse(content)
	if err != nil {
		return Report{}, fmt.Errorf("read the report %s: %w", file, err)
	}
	return report, nil
}

// Parse reads a report's content. It refuses another's, another version's, and
// one that is not whole: what is missing could be what was to be compared.
func Parse(content []byte) (Report, error) {
	// Whose form it is comes first: what else is wrong with another's is no news.
	// Within a version a field may be added, so one that is unknown is none of
	// this program's business.
	var form struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal(content, &form); err != nil {
		return Report{}, fmt.Errorf("it is broken: %w", err)
	}
	if form.APIVersion != APIVersion || form.Kind != Kind {
		return Report{}, fmt.Errorf("it is a %q of %q; this program reads a %s of %s", form.Kind, form.APIVersion, Kind, APIVersion)
	}
	var report Report
	if err := yaml.Unmarshal(content, &report); err != nil {
		return Report{}, fmt.Errorf("it is broken: %w", err)
	}
	if mistakes := report.mistakes(); len(mistakes) > 0 {
		if more := len(mistakes) - mostMistakes; more > 0 {
			mistakes = append(mistakes[:mostMistakes], fmt.Errorf("and %d mistakes more", more))
		}
		return Report{}, fmt.Errorf("it breaks off, or was changed by hand: %w", errors.Join(mistakes...))
	}
	return report, nil
}

// mistakes says what a report that a run has written would not have. YAML that
// breaks off between two lines is good YAML; its totals are then missing.
func (r Report) mistakes() []error {
	var wrong []error
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"date", !r.Date.IsZero()}, {"suite", r.Suite != ""}, {"dashboard.name", r.Dashboard.Name != ""},
		{"settings.identity", r.Settings.Identity != ""}, {"totals", r.Totals != nil},
	} {
		if !field.given {
			wrong = append(wrong, fmt.Errorf("%s is missing", field.name))
		}
	}
	counted, seen := map[string]int{}, map[string]bool{}
	for i, scenario := range r.Scenarios {
		counted[string(scenario.Verdict)]++
		switch {
		case scenario.ID == "":
			wrong = append(wrong, fmt.Errorf("scenario %d has no id", i+1))
		case seen[scenario.ID]:
			wrong = append(wrong, fmt.Errorf("scenario %q is there twice", scenario.ID))
		case !slices.Contains(Verdicts, scenario.Verdict):
			wrong = append(wrong, fmt.Errorf("scenario %q has the verdict %q, which is none of %v", scenario.ID, scenario.Verdict, Verdicts))
		case !slices.Contains([]judge.Level{judge.Core, judge.Extended, judge.Setup}, scenario.Level):
			wrong = append(wrong, fmt.Errorf("scenario %q has the level %q, which there is not", scenario.ID, scenario.Level))
		}
		seen[scenario.ID] = true
	}
	for _, verdict := range Verdicts {
		if said := r.Totals[string(verdict)]; r.Totals != nil && said != counted[string(verdict)] {
			wrong = append(wrong, fmt.Errorf("totals say %d %s, and there are %d", said, verdict, counted[string(verdict)]))
		}
	}
	return wrong
}
