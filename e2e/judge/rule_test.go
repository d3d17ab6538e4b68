package judge_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// declaredSymptoms are the symptoms that the package declares.
func declaredSymptoms(t *testing.T) []judge.Symptom {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "rule.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var symptoms []judge.Symptom
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Symptom" {
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			symptoms = append(symptoms, judge.Symptom(text))
		}
		return true
	})
	if len(symptoms) < 20 {
		t.Fatalf("only %d symptoms found in the source", len(symptoms))
	}
	return symptoms
}

func check(line timeline.Timeline, name string) []judge.Finding {
	return judge.Check(line, judge.Rule{Name: name, Count: expiries})
}

func TestNothingKeepsNoRule(t *testing.T) {
	t.Parallel()
	header := healthy("token").Header
	for name, line := range map[string]timeline.Timeline{
		"an empty timeline":  {Header: header},
		"one without users":  {Header: timeline.Header{Cluster: "main", Issuer: issuer, Client: "headlamp"}},
		"one without header": {},
	} {
		for _, rule := range judge.Names() {
			if len(check(line, rule)) == 0 {
				t.Errorf("%s keeps %s", name, rule)
			}
		}
	}
}

func TestZeroRequestsBreakEveryRuleThatLooksAtRequests(t *testing.T) {
	t.Parallel()
	line := healthy("token")
	line.Events = slices.DeleteFunc(line.Events, func(e timeline.Event) bool {
		return e.Record != nil || (e.Request != nil && e.Witness != timeline.Suite)
	})
	for _, rule := range []string{
		"no-blip", "served-around-expiry", "own-token-throughout", "witnesses-agree", "known-to-cluster",
		"never-sent-back", "token-hidden", "cookie-guarded", "trusted-private-issuer",
	} {
		if len(check(asserted(line), rule)) == 0 {
			t.Errorf("%s is kept", rule)
		}
	}
}

// An event whose part is missing, from a file that was cut, say, must neither
// pass nor stop the judge.
func TestADamagedTimelineKeepsNoRule(t *testing.T) {
	t.Parallel()
	whole := healthy("token")
	tried := map[string]bool{}
	for i, event := range whole.Events {
		stripped := timeline.Event{At: event.At, Witness: event.Witness, Kind: event.Kind}
		kind := string(event.Witness) + " " + string(event.Kind)
		if tried[kind] || stripped.Lacks() == "" {
			continue
		}
		tried[kind] = true
		line := healthy("token")
		line.Events[i] = stripped
		for _, rule := range judge.Names() {
			findings := check(line, rule)
			if len(findings) != 1 || findings[0].Symptom != judge.NothingSeen || !strings.Contains(findings[0].Text, "damaged") {
				t.Errorf("an empty %s: %s finds %v", kind, rule, findings)
			}
		}
		if _, _, err := judge.Replay(line); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("an empty %s: replayed with %v", kind, err)
		}
	}
	if len(tried) < 12 {
		t.Errorf("only %d kinds of events tried: %v", len(tried), tried)
	}
	for name, spoil := range map[string]func(*timeline.Header){
		"cluster": func(h *timeline.Header) { h.Cluster = "" },
		"issuer":  func(h *timeline.Header) { h.Issuer = "" },
		"client":  func(h *timeline.Header) { h.Client = "" },
	} {
		line := healthy("token")
		spoil(&line.Header)
		if findings := check(line, "no-blip"); len(findings) != 1 || !strings.Contains(findings[0].Text, "does not name the "+name) {
			t.Errorf("without its %s: %v", name, findings)
		}
	}
}

func TestARuleThatAsksForNothingIsBroken(t *testing.T) {
	t.Parallel()
	line := asserted(healthy("token"))
	for _, name := range []string{"expiries-crossed", "page-alive", "served-around-expiry", "refreshed"} {
		for _, count := range []int{0, -1} {
			if findings := judge.Check(line, judge.Rule{Name: name, Count: count}); len(findings) != 1 || findings[0].Symptom != judge.NothingSeen {
				t.Errorf("%s %d times: %v", name, count, findings)
			}
		}
		if findings := judge.Check(line, judge.Rule{Name: name, Count: expiries}); len(findings) != 0 {
			t.Errorf("%s %d times: %v", name, expiries, findings)
		}
		if findings := judge.Check(line, judge.Rule{Name: name, Count: expiries + 9}); len(findings) == 0 {
			t.Errorf("%s is kept %d times", name, expiries+9)
		}
	}
}

func TestAnUnknownRuleIsNeverKept(t *testing.T) {
	t.Parallel()
	line := healthy("token")
	findings := judge.Check(line, judge.Rule{Name: "of-tomorrow"})
	if len(findings) != 1 || findings[0].Rule != "of-tomorrow" || !strings.Contains(findings[0].Text, `no rule "of-tomorrow"`) {
		t.Errorf("got %v", findings)
	}
	line.Events = append(line.Events, at(judge.Assertion(judge.Rule{Name: "of-tomorrow"}), line.Events[len(line.Events)-1].At))
	if _, _, err := judge.Replay(line); err == nil {
		t.Error("a run that a later version made was judged")
	}
}

func TestFindingsAreInTheOrderOfTheirTime(t *testing.T) {
	t.Parallel()
	line := healthy("token")
	among(poll(timeline.Tap), status(401))(&line)
	among(nth(1, is(timeline.Page, timeline.WebSocketOpened)), status(401))(&line)
	noRequests(timeline.Front)(&line)
	findings := check(asserted(line), "no-blip")
	if len(findings) != 3 || !slices.IsSortedFunc(findings, func(a, b judge.Finding) int { return a.At.Compare(b.At) }) {
		t.Errorf("got %v", findings)
	}
}

func TestReplayFindsWhatTheSpecFound(t *testing.T) {
	t.Parallel()
	for _, broken := range append(brokenHolds(), broken{how: "not at all", change: func(*timeline.Timeline) {}}) {
		line := broken.line()
		rules := rulesOf(line.Header.Mode)
		var live []judge.Finding
		for _, name := range rules {
			live = append(live, check(asserted(line), name)...)
		}
		var file bytes.Buffer
		if err := line.Write(&file); err != nil {
			t.Fatal(err)
		}
		loaded, err := timeline.Read(&file)
		if err != nil {
			t.Fatal(err)
		}
		replayed, asserted, err := judge.Replay(loaded)
		if err != nil || asserted != len(rules) {
			t.Errorf("%s %s: %d asserted, %v", broken.rule, broken.how, asserted, err)
		}
		if len(live) != len(replayed) || (len(live) > 0 && !reflect.DeepEqual(live, replayed)) {
			t.Errorf("%s %s: live %v, replayed %v", broken.rule, broken.how, live, replayed)
		}
	}
}

// What happens between the last observation and the end of the spec is never
// asserted: a request that the audit log was not read for, say.
func TestReplayLeavesOutWhatCameAfterTheAssertion(t *testing.T) {
	t.Parallel()
	line := healthy("token")
	if findings, _, err := judge.Replay(line); err != nil || len(findings) != 0 {
		t.Errorf("got %v, %v", findings, err)
	}
	first, _ := line.First(timeline.Suite, timeline.Asserted)
	alert := timeline.Event{Witness: timeline.Page, Kind: timeline.AlertShown, Tab: tab, Text: "Lost connection"}
	line.Events = append(line.Events, at(alert, first.At.Add(-time.Millisecond)))
	line.Sort()
	if findings, _, err := judge.Replay(line); err != nil || len(findings) != 1 || findings[0].Symptom != judge.LostConnection {
		t.Errorf("one before it: got %v, %v", findings, err)
	}
}

// undone is an action that a person could not do, as the suite notes it.
func undone(symptom judge.Symptom) func(*timeline.Timeline) {
	return during(timeline.Event{Witness: timeline.Suite, Kind: timeline.Undone, Text: "click Sign In: not within 45s", Level: string(symptom)})
}

func TestWhatAPersonCouldNotDoIsFoundWhateverWasAsserted(t *testing.T) {
	t.Parallel()
	for _, asserts := range []bool{true, false} {
		line := healthy("token")
		if !asserts {
			without(is(timeline.Suite, timeline.Asserted))(&line)
		}
		undone(judge.NotLoggedIn)(&line)
		findings, asserted, err := judge.Replay(line)
		if err != nil || (asserted > 0) != asserts || len(findings) != 1 {
			t.Fatalf("got %v, %d asserted, %v", findings, asserted, err)
		}
		if f := findings[0]; f.Symptom != judge.NotLoggedIn || f.Rule != "done" || f.Text != "click Sign In: not within 45s" || f.At.IsZero() {
			t.Errorf("got %+v", f)
		}
	}
}

func TestReplayRefusesWhatIsNoRule(t *testing.T) {
	t.Parallel()
	line := healthy("token")
	among(nth(0, is(timeline.Suite, timeline.Asserted)), text("a rule, in words"))(&line)
	if _, _, err := judge.Replay(line); err == nil || !strings.Contains(err.Error(), "a rule, in words") {
		t.Errorf("got %v", err)
	}
}

// FuzzCheck: no timeline that can be read stops the judge, and none changes
// what it finds by being looked at.
func FuzzCheck(f *testing.F) {
	// One event of each kind: a whole hold is too long to be varied often.
	line := healthy("proxy")
	seen := map[string]bool{}
	line.Events = slices.DeleteFunc(line.Events, func(e timeline.Event) bool {
		kind := string(e.Witness) + string(e.Kind) + e.Text
		defer func() { seen[kind] = true }()
		return seen[kind]
	})
	var short bytes.Buffer
	if err := line.Write(&short); err != nil {
		f.Fatal(err)
	}
	f.Add(short.String())
	f.Add(`{"version":1,"cluster":"main","issuer":"i","client":"c"}` + "\n" +
		`{"at":"2026-01-02T12:00:00Z","witness":"suite","kind":"logged-in"}` + "\n" +
		`{"at":"2026-01-02T12:00:00Z","witness":"suite","kind":"hold-began"}` + "\n" +
		`{"at":"2026-01-02T12:00:00Z","witness":"suite","kind":"hold-ended"}` + "\n" +
		`{"at":"2026-01-02T12:00:00Z","witness":"tap","kind":"responded","request":{}}` + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		line, err := timeline.Read(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, name := range judge.Names() {
			if first, second := check(line, name), check(line, name); !reflect.DeepEqual(first, second) {
				t.Errorf("%s finds %v, then %v", name, first, second)
			}
		}
		judge.Judge(judge.Run{Specs: []judge.Spec{{ID: "x", State: judge.SpecPassed}}, Timelines: map[string]timeline.Timeline{"x": line}})
	})
}
