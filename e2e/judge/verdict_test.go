package judge_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const scenario = "session/hold"

// run is a run of one core scenario that passed.
func run() judge.Run {
	return judge.Run{
		Dashboard: "headlamp", Version: "0.39.0", Mode: "token",
		Specs:     []judge.Spec{{ID: scenario, Level: judge.Core, State: judge.SpecPassed}},
		Timelines: map[string]timeline.Timeline{scenario: healthy("token")},
	}
}

// spoiled is a run whose scenario failed by some changes of its timeline.
func spoiled(changes ...func(*timeline.Timeline)) judge.Run {
	run := run()
	line := run.Timelines[scenario]
	all(changes...)(&line)
	line.Sort()
	run.Timelines[scenario] = line
	run.Specs[0].State = judge.SpecFailed
	run.Specs[0].Message = "as the matcher says"
	return run
}

// issues parses recorded issues, each given by its fields.
func issues(t *testing.T, text string) []judge.Issue {
	t.Helper()
	parsed, err := judge.ParseIssues([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

const recorded = `
- id: kubernetes-sigs/headlamp#1
  title: It loses the connection
  dashboard: headlamp
  versions: ">=0.38.0, <0.40.0"
  modes: [token, proxy]
  scenarios: [session/hold]
  symptoms: [lost-connection, unauthorized]
`

var alertShown = during(timeline.Event{Witness: timeline.Page, Kind: timeline.AlertShown, Tab: tab, Text: "Lost connection to the cluster."})

func judgeOne(t *testing.T, run judge.Run) judge.Outcome {
	t.Helper()
	judgement := judge.Judge(run)
	if len(judgement.Outcomes) != 1 {
		t.Fatalf("%d outcomes", len(judgement.Outcomes))
	}
	return judgement.Outcomes[0]
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	with := func(run judge.Run, change func(*judge.Run)) judge.Run {
		change(&run)
		return run
	}
	spec := func(change func(*judge.Spec)) judge.Run {
		return with(run(), func(r *judge.Run) { change(&r.Specs[0]) })
	}
	silent := func(line timeline.Timeline) timeline.Timeline {
		line.Events = slices.DeleteFunc(line.Events, is(timeline.Suite, timeline.Asserted))
		return line
	}
	for name, c := range map[string]struct {
		run     judge.Run
		verdict judge.Verdict
		reason  string
	}{
		"what kept every rule": {run(), judge.Passed, ""},
		"what broke one":       {spoiled(alertShown), judge.Failed, `the page said "Lost connection to the cluster."`},
		"what failed without an assertion": {
			spec(func(s *judge.Spec) { s.State, s.Message = judge.SpecFailed, "no Sign In button" }), judge.Failed, "no Sign In button",
		},
		"what ended in a state that nobody knows": {
			spec(func(s *judge.Spec) { s.State, s.Message = "panicked", "nil map" }), judge.Failed, "nil map",
		},
		"what passed, although its timeline breaks a rule": {
			with(spoiled(alertShown), func(r *judge.Run) { r.Specs[0].State = judge.SpecPassed }), judge.Failed, "Lost connection",
		},
		"what passed without a timeline": {
			with(run(), func(r *judge.Run) { r.Timelines = nil }), judge.Failed, "it asserted nothing",
		},
		"what passed without an assertion": {
			with(run(), func(r *judge.Run) { r.Timelines[scenario] = silent(healthy("token")) }), judge.Failed, "it asserted nothing",
		},
		"what was skipped with a reason": {
			spec(func(s *judge.Spec) { s.State, s.Reason = judge.SpecSkipped, "3600 s tokens mask it" }), judge.Inapplicable, "3600 s tokens mask it",
		},
		"what was skipped without one": {
			spec(func(s *judge.Spec) { s.State = judge.SpecSkipped }), judge.Blocked, "skipped without a reason",
		},
		"what broke a rule and then gave up": {
			with(spoiled(alertShown), func(r *judge.Run) { r.Specs[0].State, r.Specs[0].Reason = judge.SpecSkipped, "masked" }), judge.Failed, "Lost connection",
		},
		"what the environment broke": {
			spec(func(s *judge.Spec) { s.State, s.Blocked = judge.SpecFailed, "Keycloak ended" }), judge.Blocked, "Keycloak ended",
		},
		"what the environment broke, findings or not": {
			with(spoiled(alertShown), func(r *judge.Run) { r.Specs[0].Blocked = "the browser is gone" }), judge.Blocked, "the browser is gone",
		},
		"what has a damaged timeline": {
			spoiled(among(poll(timeline.Tap), func(e *timeline.Event) { e.Request = nil })), judge.Blocked, "damaged",
		},
		"what asserted a rule of tomorrow": {
			with(run(), func(r *judge.Run) {
				line := r.Timelines[scenario]
				line.Events = append(line.Events, at(judge.Assertion(judge.Rule{Name: "of-tomorrow"}), noon))
				r.Timelines[scenario] = line
			}), judge.Blocked, "of-tomorrow",
		},
		"what a person could not do": {spoiled(undone(judge.NotLoggedIn)), judge.Failed, "click Sign In: not within 45s"},
		"what passed, although a person could not do it": {
			with(spoiled(undone(judge.NotLoggedIn)), func(r *judge.Run) { r.Specs[0].State = judge.SpecPassed }), judge.Failed, "click Sign In",
		},
		"what a person could not do, as recorded": {
			with(spoiled(undone(judge.LostConnection)), func(r *judge.Run) { r.Issues = issues(t, recorded) }), judge.Known, "click Sign In",
		},
		"what failed on a stand that broke down": {
			with(spoiled(alertShown), func(r *judge.Run) { r.Broken = "etcd ended" }), judge.Blocked, "etcd ended: the page said",
		},
		"what no stand can break": {
			with(spoiled(exposed, alertShown), func(r *judge.Run) { r.Broken = "etcd ended" }), judge.Failed, "Lost connection",
		},
		"what passed on a stand that broke down": {
			with(run(), func(r *judge.Run) { r.Broken = "etcd ended" }), judge.Passed, "",
		},
		"what fails as recorded": {
			with(spoiled(alertShown), func(r *judge.Run) { r.Issues = issues(t, recorded) }), judge.Known, "Lost connection",
		},
		"what is recorded and passed": {
			with(run(), func(r *judge.Run) { r.Issues = issues(t, recorded) }), judge.Fixed, "recorded as failing, and it passed",
		},
		"what is recorded as failing now and then, and passed": {
			with(run(), func(r *judge.Run) { r.Issues = issues(t, recorded+"  intermittent: true\n") }), judge.Passed, "",
		},
		"what fails now and then, as recorded": {
			with(spoiled(alertShown), func(r *judge.Run) { r.Issues = issues(t, recorded+"  intermittent: true\n") }), judge.Known, "Lost connection",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outcome := judgeOne(t, c.run)
			if outcome.Verdict != c.verdict || !strings.Contains(outcome.Reason, c.reason) || (c.reason == "") != (outcome.Reason == "") {
				t.Errorf("got %s, %q; want %s, %q", outcome.Verdict, outcome.Reason, c.verdict, c.reason)
			}
			wantIssue := c.verdict == judge.Known || c.verdict == judge.Fixed
			if (outcome.Issue == "kubernetes-sigs/headlamp#1") != wantIssue {
				t.Errorf("issue %q", outcome.Issue)
			}
		})
	}
}

func TestAnIssueExplainsItsOwnFailureAlone(t *testing.T) {
	t.Parallel()
	secondFault := during(timeline.Event{Witness: timeline.Page, Kind: timeline.Crashed, Tab: tab, Text: "the tab crashed"})
	for name, c := range map[string]struct {
		run     judge.Run
		change  func(*judge.Run)
		verdict judge.Verdict
	}{
		"its version":               {spoiled(alertShown), func(r *judge.Run) { r.Version = "0.38.0" }, judge.Known},
		"its version, with a v":     {spoiled(alertShown), func(r *judge.Run) { r.Version = "v0.39.9" }, judge.Known},
		"both of its symptoms":      {spoiled(alertShown, among(poll(timeline.Page), status(401))), func(*judge.Run) {}, judge.Known},
		"a later version":           {spoiled(alertShown), func(r *judge.Run) { r.Version = "0.40.0" }, judge.Failed},
		"an earlier version":        {spoiled(alertShown), func(r *judge.Run) { r.Version = "0.37.9" }, judge.Failed},
		"a version that none knows": {spoiled(alertShown), func(r *judge.Run) { r.Version = "unknown" }, judge.Failed},
		"a release candidate":       {spoiled(alertShown), func(r *judge.Run) { r.Version = "0.40.0-rc.1" }, judge.Failed},
		"another dashboard":         {spoiled(alertShown), func(r *judge.Run) { r.Dashboard = "reference" }, judge.Failed},
		"another mode":              {spoiled(alertShown), func(r *judge.Run) { r.Mode = "native" }, judge.Failed},
		"another scenario":          {spoiled(alertShown), func(r *judge.Run) { r.Issues[0].Scenarios = []string{"login/popup"} }, judge.Failed},
		"another symptom":           {spoiled(secondFault), func(*judge.Run) {}, judge.Failed},
		"a second fault beside it":  {spoiled(alertShown, secondFault), func(*judge.Run) {}, judge.Failed},
		"a failure without finding": {spoiled(), func(*judge.Run) {}, judge.Failed},
	} {
		c.run.Issues = issues(t, recorded)
		c.change(&c.run)
		outcome := judgeOne(t, c.run)
		if outcome.Verdict != c.verdict || (outcome.Issue != "") != (c.verdict == judge.Known) {
			t.Errorf("%s: got %s, issue %q; want %s", name, outcome.Verdict, outcome.Issue, c.verdict)
		}
	}
	unparsed := spoiled(alertShown)
	unparsed.Issues = []judge.Issue{{ID: "x", Dashboard: "headlamp", Versions: "*", Scenarios: []string{scenario}, Symptoms: []judge.Symptom{judge.LostConnection}}}
	if outcome := judgeOne(t, unparsed); outcome.Verdict != judge.Failed {
		t.Errorf("an issue that ParseIssues never saw: %s", outcome.Verdict)
	}
}

// outcomes makes a run of scenarios that end as the letters say: p passed,
// f failed, k known, x fixed, i inapplicable, b blocked.
func outcomes(t *testing.T, letters string, level judge.Level) judge.Run {
	t.Helper()
	all := judge.Run{
		Dashboard: "headlamp", Version: "0.39.0", Mode: "token", Timelines: map[string]timeline.Timeline{},
		Issues: issues(t, strings.ReplaceAll(recorded, "session/hold", "k, x")),
	}
	for i, letter := range letters {
		spec := judge.Spec{ID: string(letter), Level: level, State: judge.SpecPassed}
		if letter != 'k' && letter != 'x' {
			spec.ID += string(rune('0' + i))
		}
		one := run()
		switch letter {
		case 'f', 'k':
			one = spoiled(alertShown)
			spec.State = judge.SpecFailed
		case 'i':
			spec.State, spec.Reason = judge.SpecSkipped, "masked"
		case 'b':
			spec.State, spec.Blocked = judge.SpecFailed, "no browser"
		}
		all.Specs = append(all.Specs, spec)
		all.Timelines[spec.ID] = one.Timelines[scenario]
	}
	return all
}

func TestJudgementOfARun(t *testing.T) {
	t.Parallel()
	type want struct {
		conformant, asRecorded, blocked bool
		code, strictCode                int
		reason                          string
	}
	claim := func(r *judge.Run) { r.Claims = []string{r.Specs[0].ID} }
	for name, c := range map[string]struct {
		letters string
		level   judge.Level
		change  func(*judge.Run)
		want    want
	}{
		"all pass":                        {"pp", judge.Core, nil, want{true, true, false, 0, 0, ""}},
		"one fails":                       {"pf", judge.Core, nil, want{false, false, false, 1, 1, ""}},
		"one fails as recorded":           {"pk", judge.Core, nil, want{false, true, false, 0, 1, ""}},
		"one is fixed":                    {"px", judge.Core, nil, want{true, true, false, 0, 0, ""}},
		"one cannot be shown":             {"pi", judge.Core, nil, want{true, true, false, 0, 0, ""}},
		"one is blocked":                  {"pb", judge.Core, nil, want{false, true, true, 3, 3, ""}},
		"one fails, one is blocked":       {"fb", judge.Core, nil, want{false, false, true, 1, 1, ""}},
		"one is known, one is blocked":    {"kb", judge.Core, nil, want{false, true, true, 3, 3, ""}},
		"none can be shown":               {"ii", judge.Core, nil, want{false, true, false, 0, 1, "no core scenario could be shown"}},
		"none ran":                        {"", judge.Core, nil, want{false, true, true, 3, 3, "no scenario ran"}},
		"extended ones alone":             {"p", judge.Extended, nil, want{false, true, false, 0, 1, "no core scenario could be shown"}},
		"an extended one fails":           {"pf", judge.Extended, nil, want{false, false, false, 1, 1, "no core scenario could be shown"}},
		"a claimed one passes":            {"p", judge.Extended, claim, want{true, true, false, 0, 0, ""}},
		"a claimed one is known":          {"k", judge.Extended, claim, want{false, true, false, 0, 1, ""}},
		"set-up checks alone":             {"p", judge.Setup, nil, want{false, true, false, 0, 1, "no core scenario could be shown"}},
		"a stand that broke down":         {"pp", judge.Core, func(r *judge.Run) { r.Broken = "etcd ended" }, want{false, true, true, 3, 3, "etcd ended"}},
		"a stand that never came up":      {"", judge.Core, func(r *judge.Run) { r.Broken = "no Java" }, want{false, true, true, 3, 3, "no Java"}},
		"a failure on a broken stand":     {"f", judge.Core, func(r *judge.Run) { r.Broken = "etcd ended" }, want{false, true, true, 3, 3, "etcd ended"}},
		"a filtered run that all passes":  {"p", judge.Core, func(r *judge.Run) { r.Partial = true }, want{true, true, false, 0, 0, ""}},
		"a claim of what is not in a run": {"p", judge.Core, func(r *judge.Run) { r.Claims = []string{"elsewhere"} }, want{true, true, false, 0, 0, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := outcomes(t, c.letters, c.level)
			if c.change != nil {
				c.change(&run)
			}
			judgement := judge.Judge(run)
			got := want{
				judgement.Conformant, judgement.AsRecorded, judgement.Blocked,
				judgement.ExitCode(false), judgement.ExitCode(true), judgement.Reason,
			}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
	core := outcomes(t, "p", judge.Core)
	extended := outcomes(t, "f", judge.Extended)
	core.Specs = append(core.Specs, extended.Specs[0])
	core.Timelines[extended.Specs[0].ID] = extended.Timelines[extended.Specs[0].ID]
	if judgement := judge.Judge(core); !judgement.Conformant || judgement.AsRecorded {
		t.Errorf("an extended promise that is not claimed counts for conformance: %+v", judgement)
	}
}

func TestOutcomesAreInTheOrderOfTheirScenarios(t *testing.T) {
	t.Parallel()
	run := outcomes(t, "xpik", judge.Core)
	before := slices.Clone(run.Specs)
	var ids []string
	for _, outcome := range judge.Judge(run).Outcomes {
		ids = append(ids, outcome.Spec.ID)
	}
	if !slices.IsSorted(ids) || len(ids) != 4 {
		t.Errorf("got %v", ids)
	}
	if !reflect.DeepEqual(run.Specs, before) {
		t.Error("the judge changed its input")
	}
}

func TestTheJudgeIsPure(t *testing.T) {
	t.Parallel()
	run := outcomes(t, "pfkxib", judge.Core)
	untouched := outcomes(t, "pfkxib", judge.Core)
	first := judge.Judge(run)
	if second := judge.Judge(run); !reflect.DeepEqual(first, second) {
		t.Errorf("first %+v, then %+v", first, second)
	}
	if !reflect.DeepEqual(run.Timelines, untouched.Timelines) {
		t.Error("the judge changed a timeline")
	}
	for id, line := range run.Timelines {
		var file bytes.Buffer
		if err := line.Write(&file); err != nil {
			t.Fatal(err)
		}
		loaded, err := timeline.Read(&file)
		if err != nil {
			t.Fatal(err)
		}
		run.Timelines[id] = loaded
	}
	if replayed := judge.Judge(run); !reflect.DeepEqual(first, replayed) {
		t.Errorf("live %+v, replayed %+v", first, replayed)
	}
}
