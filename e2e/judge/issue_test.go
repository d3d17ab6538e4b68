package judge_test

import (
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

func TestParseIssuesReadsThem(t *testing.T) {
	t.Parallel()
	parsed, err := judge.ParseIssues([]byte(recorded))
	if err != nil {
		t.Fatal(err)
	}
	if len(parsed) != 1 || parsed[0].ID != "kubernetes-sigs/headlamp#1" || parsed[0].Symptoms[1] != judge.Unauthorized || parsed[0].Intermittent {
		t.Errorf("got %+v", parsed)
	}
	for _, none := range []string{"", "[]", "# nothing is recorded\n"} {
		if parsed, err := judge.ParseIssues([]byte(none)); err != nil || len(parsed) != 0 {
			t.Errorf("%q: %+v, %v", none, parsed, err)
		}
	}
}

func TestEverySymptomCanBeRecorded(t *testing.T) {
	t.Parallel()
	for _, symptom := range declaredSymptoms(t) {
		text := strings.ReplaceAll(recorded, "lost-connection", string(symptom))
		if _, err := judge.ParseIssues([]byte(text)); err != nil {
			t.Errorf("%s: %v", symptom, err)
		}
	}
}

func TestParseIssuesTellsAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	parsed, err := judge.ParseIssues([]byte(`
- id: first
  title: One of which nothing else is said
- title: One without a name
  dashboard: headlamp
  versions: newest
  modes: [token, magic]
  scenarios: [a/b]
  symptoms: [unautorized]
`))
	if err == nil || parsed != nil {
		t.Fatalf("got %+v, %v", parsed, err)
	}
	for _, mistake := range []string{
		"issue 1 (first): dashboard must be given", "issue 1 (first): versions must be given",
		"issue 1 (first): scenarios must be given", "issue 1 (first): symptoms must be given",
		"issue 2 (): id must be given", `issue 2 (): versions "newest"`,
		`issue 2 (): there is no identity mode "magic"`, `issue 2 (): there is no symptom "unautorized"`,
	} {
		if !strings.Contains(err.Error(), mistake) {
			t.Errorf("%q is not told: %v", mistake, err)
		}
	}
	if told := strings.Count(err.Error(), "\n") + 1; told != 8 {
		t.Errorf("%d mistakes told, want 8: %v", told, err)
	}
}

func TestAnIssueThatIsNowhereElseIsFitToBeTold(t *testing.T) {
	t.Parallel()
	found := strings.ReplaceAll(recorded, "kubernetes-sigs/headlamp#1", "found/it")
	if _, err := judge.ParseIssues([]byte(found)); err == nil || !strings.Contains(err.Error(), "evidence and reproduction must be given") {
		t.Errorf("got %v", err)
	}
	if _, err := judge.ParseIssues([]byte(found + "\n  evidence: seen\n  reproduction: do it\n")); err != nil {
		t.Error(err)
	}
}

func TestParseIssuesRefusesWhatIsNoList(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"id: x", "- 3", "- versoins: '*'", "\t"} {
		if parsed, err := judge.ParseIssues([]byte(text)); err == nil {
			t.Errorf("%q was read as %+v", text, parsed)
		}
	}
}

func FuzzParseIssues(f *testing.F) {
	f.Add(recorded, "0.39.0")
	f.Add("- id: x\n  versions: '>= 0-0'", "v")
	f.Add("[]", "")
	f.Fuzz(func(t *testing.T, text, version string) {
		parsed, err := judge.ParseIssues([]byte(text))
		if err != nil {
			if parsed != nil {
				t.Error("issues in spite of mistakes")
			}
			return
		}
		// Whatever is accepted can be asked.
		judged := spoiled(alertShown)
		judged.Version, judged.Issues = version, parsed
		judge.Judge(judged)
	})
}
