package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/bounded"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// mostBytes is how large a report may be: many times what a run writes, and little
// enough for its YAML, whatever it says, to fill no machine.
const mostBytes = 8 << 20

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
	const give = "give a directory that a run has written with --report-dir, or its " + FileName
	content, err := bounded.ReadFile(file, mostBytes)
	if err != nil {
		return Report{}, fmt.Errorf("read the report: %w; %s", err, give)
	}
	report, err := Parse(content)
	if err != nil {
		return Report{}, fmt.Errorf("read the report %s: %w; %s", file, err, give)
	}
	return report, nil
}

// Parse reads a report's content. It refuses another's, another version's, and
// one that is not whole: what is missing could be what was to be compared.
func Parse(content []byte) (Report, error) {
	if len(bytes.TrimSpace(content)) == 0 {
		return Report{}, errors.New("it is empty")
	}
	// Whose form it is comes first: what else is wrong with another's is no news.
	// Within a version a field may be added, so one that is unknown is none of
	// this program's business.
	var form struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal(content, &form); err != nil {
		return Report{}, broken(err)
	}
	switch {
	case form.APIVersion == "" && form.Kind == "":
		return Report{}, errors.New("it names no apiVersion and no kind, as every report does")
	case form.Kind != Kind:
		return Report{}, fmt.Errorf("it is a %q of %q, and no %s", form.Kind, form.APIVersion, Kind)
	case form.APIVersion != APIVersion:
		return Report{}, fmt.Errorf("it is of %q, and this program reads %s: take the version of this program that wrote it", form.APIVersion, APIVersion)
	}
	var report Report
	if err := yaml.Unmarshal(content, &report); err != nil {
		return Report{}, broken(err)
	}
	if mistakes := report.mistakes(); len(mistakes) > 0 {
		if more := len(mistakes) - mostMistakes; more > 0 {
			mistakes = append(mistakes[:mostMistakes], fmt.Sprintf("and %d mistakes more", more))
		}
		return Report{}, fmt.Errorf("it breaks off, or was changed by hand: %s; 'judge' writes it anew in the directory of the run", strings.Join(mistakes, ", "))
	}
	return report, nil
}

// otherType is what Go's library says of a value that a field does not take, of
// which only the value and the field mean something to a reader.
var otherType = regexp.MustCompile(`cannot unmarshal (.+) into Go (?:struct field \w+\.(\S+)|value)`)

// broken says what is wrong with content that is no report at all.
func broken(err error) error {
	if found := otherType.FindStringSubmatch(err.Error()); found != nil {
		value := found[1]
		for called, named := range map[string]string{"array": "a list", "object": "a mapping", "string": "a text"} {
			if value == called {
				value = named
			}
		}
		if found[2] == "" {
			return fmt.Errorf("it is broken: it is %s, and a report has fields", value)
		}
		return fmt.Errorf("it is broken: %s is %s, which it is in no report", found[2], value)
	}
	// What converts what is no news: the file is YAML, or should be.
	said := err.Error()
	for _, step := range []string{"error converting YAML to JSON: ", "error unmarshaling JSON: ", "while decoding JSON: ", "yaml: "} {
		said = strings.TrimPrefix(said, step)
	}
	return fmt.Errorf("it is broken: %s", Printable(strings.Join(strings.Fields(said), " ")))
}

// mistakes says what a report that a run has written would not have. YAML that
// breaks off between two lines is good YAML; its totals are then missing.
func (r Report) mistakes() []string {
	var wrong []string
	for _, field := range []struct {
		name  string
		given bool
	}{
		{"date", !r.Date.IsZero()}, {"suite", r.Suite != ""}, {"dashboard.name", r.Dashboard.Name != ""},
		{"settings.identity", r.Settings.Identity != ""}, {"totals", r.Totals != nil},
	} {
		if !field.given {
			wrong = append(wrong, fmt.Sprintf("%s is missing", field.name))
		}
	}
	counted, seen := map[string]int{}, map[string]bool{}
	for i, scenario := range r.Scenarios {
		counted[string(scenario.Verdict)]++
		switch {
		case scenario.ID == "":
			wrong = append(wrong, fmt.Sprintf("scenario %d has no id", i+1))
		case seen[scenario.ID]:
			wrong = append(wrong, fmt.Sprintf("scenario %q is there twice", scenario.ID))
		case !slices.Contains(Verdicts, scenario.Verdict):
			wrong = append(wrong, fmt.Sprintf("scenario %q has the verdict %q, which is none of %v", scenario.ID, scenario.Verdict, Verdicts))
		case !slices.Contains([]judge.Level{judge.Core, judge.Extended, judge.Setup}, scenario.Level):
			wrong = append(wrong, fmt.Sprintf("scenario %q has the level %q, which there is not", scenario.ID, scenario.Level))
		}
		seen[scenario.ID] = true
	}
	for _, verdict := range Verdicts {
		if said := r.Totals[string(verdict)]; r.Totals != nil && said != counted[string(verdict)] {
			wrong = append(wrong, fmt.Sprintf("totals say %d %s, and there are %d", said, verdict, counted[string(verdict)]))
		}
	}
	return wrong
}
