package report_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/diagnosis"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
)

// schemaPath is where the published schema is.
var schemaPath = filepath.Join("..", "..", "docs", "conformance.schema.json")

// validate says what is wrong with a report's content, by the published schema.
func validate(t *testing.T, content []byte) error {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(schemaPath)
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := yaml.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(document)
}

func TestWhatIsWrittenIsAsTheSchemaSays(t *testing.T) {
	t.Parallel()
	empty := report.Report{Date: noon, Suite: "development", Dashboard: report.Part{Name: "headlamp"}, Settings: report.Settings{Identity: "token", Lifetime: "1m0s", Expiries: 1}}
	empty.Complete(judge.Run{}, judge.Judge(judge.Run{}))
	for name, written := range map[string]report.Report{"every verdict": judged(t), "no scenario": empty} {
		dir := t.TempDir()
		if err := written.Save(dir); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(dir, report.FileName))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, content); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheSchemaRefusesWhatNoRunWrites(t *testing.T) {
	t.Parallel()
	content := whole(t)
	for name, change := range map[string][2]string{
		"a newer version":        {"apiVersion: headlamp-conformance/v1alpha1", "apiVersion: headlamp-conformance/v2"},
		"another kind":           {"kind: ConformanceReport", "kind: ConfigMap"},
		"no counts":              {"- counts:", "- counted:"},
		"a verdict there is not": {"verdict: known", "verdict: lucky"},
		"a level there is not":   {"level: core", "level: deep"},
		"known without an issue": {"issue: kubernetes-sigs/headlamp#3143", "issued: x"},
		"a time that is none":    {`date: "2026-01-02T12:00:00Z"`, `date: "today"`},
		"a number in words":      {"seconds: 98.7654", "seconds: many"},
		"an id without subject":  {"id: session/known", "id: known"},
		"a total there is not":   {"  passed: ", "  lucky: "},
	} {
		changed := strings.ReplaceAll(content, change[0], change[1])
		if changed == content {
			t.Errorf("%s: the report has no %q", name, change[0])
		}
		if err := validate(t, []byte(changed)); err == nil {
			t.Errorf("%s is as the schema says", name)
		}
	}
}

// object is what these tests look at of an object's schema.
type object struct {
	Required   []string                   `json:"required"`
	Properties map[string]json.RawMessage `json:"properties"`
}

func TestTheSchemaHasEveryFieldAndNoOther(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(schemaPath)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(content, &schema); err != nil {
		t.Fatal(err)
	}
	var settings object
	if err := json.Unmarshal(schema.Properties["settings"], &settings); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		of   any
		said object
	}{
		"report": {report.Report{}, schema.object}, "settings": {report.Settings{}, settings}, "part": {report.Part{}, schema.Defs["part"]},
		"scenario": {report.Scenario{}, schema.Defs["scenario"]}, "counts": {report.Counts{}, schema.Defs["counts"]}, "finding": {judge.Finding{}, schema.Defs["finding"]}, "file": {report.File{}, schema.Defs["file"]}, "costs": {report.Costs{}, schema.Defs["costs"]},
		"diagnosis": {diagnosis.Diagnosis{}, schema.Defs["diagnosis"]},
	} {
		all, required := fields(c.of)
		var said []string
		for property := range c.said.Properties {
			said = append(said, property)
		}
		slices.Sort(said)
		if !slices.Equal(said, all) {
			t.Errorf("%s: the schema has %v, the report %v", name, said, all)
		}
		// A field that was added within the version is not required: reports of
		// before keep the schema too.
		for _, property := range c.said.Required {
			if !slices.Contains(required, property) {
				t.Errorf("%s: the schema requires %s, and not every report has it", name, property)
			}
		}
	}
}

// fields are the names of a struct's fields in a report, and of those that it
// always has.
func fields(of any) (all, required []string) {
	kind := reflect.TypeOf(of)
	for i := range kind.NumField() {
		name, options, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
		all = append(all, name)
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	slices.Sort(all)
	return all, required
}
