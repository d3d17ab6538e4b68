package html

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// FileName is the page's name in the report directory.
const FileName = "index.html"

// mostBytes is how large the page may be: it is mailed, and opened on a phone.
// When it would be larger, marks beside each other are drawn as one.
const mostBytes = 4_500_000

// coarsest is where drawing coarser ends.
const coarsest = 64

// mostOpen is how many scenarios may be open at first: of more, the list above
// them says more.
const mostOpen = 5

var (
	//go:embed page.html
	pageSource string
	//go:embed style.css
	style string
	//go:embed script.js
	script string
)

var page = template.Must(template.New(FileName).Parse(pageSource))

// Input is what a page is made of.
type Input struct {
	Report    report.Report
	Timelines map[string]timeline.Timeline // by scenario
	Logs      map[string]string            // of the dashboard, by scenario, where they were kept
	Issues    []judge.Issue
	Evidence  map[string][]string // names of the files in each scenario's evidence directory; Save looks itself
}

// view is what the template shows.
type view struct {
	Style                   template.CSS
	Script                  template.JS
	StyleHash, ScriptHash   template.HTMLAttr
	Report                  report.Report
	Title, Conformance, Say string
	Mood                    string
	Date                    string
	Totals                  []total
	Broken                  []spec // what did not pass
	Groups                  []group
}

type total struct {
	Verdict judge.Verdict
	Count   int
}

// group are the specs of one level.
type group struct {
	Level judge.Level
	Specs []spec
}

// Save writes the page beside the report.
func Save(dir string, input Input) error {
	input.Evidence = map[string][]string{}
	for _, scenario := range input.Report.Scenarios {
		names, err := filesIn(filepath.Join(dir, filepath.FromSlash(scenario.Evidence)), scenario.Evidence)
		if err != nil {
			return err
		}
		input.Evidence[scenario.ID] = names
	}
	content, err := Render(input)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, FileName), content, 0o644); err != nil {
		return fmt.Errorf("write the report's page: %w", err)
	}
	return nil
}

// filesIn are the names of the files of an evidence directory, if there is one.
func filesIn(dir, evidence string) ([]string, error) {
	if evidence == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the evidence: %w", err)
	}
	var names []string
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// Render makes the page, as finely drawn as it may be large.
func Render(input Input) ([]byte, error) {
	for coarser := 1; ; coarser *= 2 {
		var content bytes.Buffer
		if err := page.Execute(&content, viewOf(input, coarser)); err != nil {
			return nil, fmt.Errorf("make the report's page: %w", err)
		}
		if content.Len() <= mostBytes || coarser >= coarsest {
			return content.Bytes(), nil
		}
	}
}

func viewOf(input Input, coarser int) view {
	written := input.Report
	made := view{
		Style: template.CSS(style), Script: template.JS(script), StyleHash: policyHash(style), ScriptHash: policyHash(script),
		Report: written, Title: fmt.Sprintf("%s %s", written.Dashboard.Name, written.Dashboard.Version),
		Conformance: heading(written.Conformance()), Say: written.Sentence(), Mood: moodOf(written), Date: written.Date.UTC().Format("2006-01-02 15:04 UTC"),
	}
	for _, verdict := range report.Verdicts {
		if n := written.Totals[string(verdict)]; n > 0 {
			made.Totals = append(made.Totals, total{verdict, n})
		}
	}
	worst := worstOf(written)
	byLevel := map[judge.Level][]spec{}
	levels := []judge.Level{judge.Core, judge.Extended, judge.Setup}
	for _, scenario := range written.Scenarios {
		shown := specOf(input, scenario, coarser)
		shown.Open = scenario.Verdict == worst && written.Totals[string(worst)] <= mostOpen
		byLevel[scenario.Level] = append(byLevel[scenario.Level], shown)
		if !slices.Contains(levels, scenario.Level) {
			levels = append(levels, scenario.Level)
		}
		if scenario.Verdict != judge.Passed {
			made.Broken = append(made.Broken, shown)
		}
	}
	slices.SortStableFunc(made.Broken, func(a, b spec) int { return gravity(a.Verdict) - gravity(b.Verdict) })
	for _, level := range levels {
		if len(byLevel[level]) > 0 {
			made.Groups = append(made.Groups, group{level, byLevel[level]})
		}
	}
	return made
}

// heading is a text with a capital first.
func heading(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// moodOf is the look of the page's head.
func moodOf(written report.Report) string {
	switch {
	case written.Blocked:
		return "blocked"
	case !written.AsRecorded:
		return "failed"
	case !written.Conformant:
		return "known"
	default:
		return "passed"
	}
}

// gravity orders what did not pass: what asks for somebody comes first.
func gravity(verdict judge.Verdict) int {
	return slices.Index([]judge.Verdict{judge.Failed, judge.Blocked, judge.Fixed, judge.Known, judge.Inapplicable}, verdict)
}

// worstOf is the verdict whose scenarios are open at first: what has failed, else
// what fails as recorded.
func worstOf(written report.Report) judge.Verdict {
	if written.Totals[string(judge.Failed)] > 0 {
		return judge.Failed
	}
	return judge.Known
}

// policyHash allows one script or style, and no other that a page under test
// could have smuggled in.
func policyHash(content string) template.HTMLAttr {
	sum := sha256.Sum256([]byte(content))
	return template.HTMLAttr("'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
}
