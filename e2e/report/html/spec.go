package html

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/report"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// mostTold is how many findings of one symptom are shown; conformance.yaml has
// all of them.
const mostTold = 6

// issueAddress is where a source such as owner/repository#1 can be read.
const issueAddress = "https://github.com/"

var issueName = regexp.MustCompile(`^([\w.-]+/[\w.-]+)#(\d+)$`)

// spec is one scenario as the page shows it.
type spec struct {
	report.Scenario
	Anchor    string
	Sign      string // beside the verdict's word, for who sees no colours
	Open      bool
	Said      string // the reason, where it is more than the first finding
	Why       []symptom
	Todo      string
	Recorded  *recorded
	Sources   []link
	Reproduce string
	Files     []link
	Drawing   *drawing
}

// symptom are the findings of one kind.
type symptom struct {
	Name     judge.Symptom
	Sentence string
	Count    int
	Told     []told
	More     int
}

type told struct{ Time, Text string }

// recorded is the issue that explains a failure.
type recorded struct {
	judge.Issue
	Link link
}

type link struct{ Text, Address string }

var signs = map[judge.Verdict]string{
	judge.Passed: "✓", judge.Failed: "✗", judge.Known: "!", judge.Fixed: "★", judge.Inapplicable: "–", judge.Blocked: "■",
}

func specOf(input Input, scenario report.Scenario, coarser int) spec {
	shown := spec{
		Scenario: scenario, Anchor: anchor(scenario.ID), Sign: signs[scenario.Verdict],
		Why: whyOf(scenario.Findings), Todo: todoOf(scenario), Reproduce: reproduce(input.Report.Reproduce, scenario.ID),
	}
	if len(scenario.Findings) == 0 || scenario.Findings[0].Text != scenario.Reason {
		shown.Said = scenario.Reason
	}
	for _, source := range scenario.Sources {
		shown.Sources = append(shown.Sources, sourceLink(source))
	}
	for _, issue := range input.Issues {
		if issue.ID == scenario.Issue {
			shown.Recorded = &recorded{issue, sourceLink(issue.ID)}
		}
	}
	if line, seen := input.Timelines[scenario.ID]; seen {
		shown.Drawing = draw(line, scenario.Findings, input.Logs[scenario.ID], coarser)
	}
	var pictures []string
	for _, name := range input.Evidence[scenario.ID] {
		shown.Files = append(shown.Files, link{name, relative(scenario.Evidence, name)})
		if extension := path.Ext(name); extension == ".png" || extension == ".jpg" {
			pictures = append(pictures, name)
		}
	}
	if shown.Drawing != nil {
		shown.Drawing.Pictures = input.picturesOf(scenario, pictures)
	}
	return shown
}

// picturesOf places the screenshots on the axis of the drawing.
func (i Input) picturesOf(scenario report.Scenario, names []string) []picture {
	line := i.Timelines[scenario.ID]
	begin, end, seen := bounds(line)
	if !seen {
		return nil
	}
	var pictures []picture
	late := 0
	for _, name := range slices.Backward(names) {
		at := end
		if number := slices.IndexFunc(line.Events, func(e timeline.Event) bool { return e.Kind == timeline.Pictured && e.Text == name }); number >= 0 {
			at = line.Events[number].At
		}
		share := 100 * float64(at.Sub(begin)) / float64(max(1, end.Sub(begin)))
		// Each begins at its time. Those of the end stand before it, and beside each
		// other, for there is no room behind.
		shift := 0
		if share > lateShare {
			late++
			shift = -late * pictureWidth
		}
		pictures = append(pictures, picture{
			X: percent(share), Name: name + ", taken at " + clock(at), Link: relative(scenario.Evidence, name), Shift: shift,
		})
	}
	slices.Reverse(pictures)
	return pictures
}

// whyOf gathers findings by their symptom, in the order in which they came.
func whyOf(findings []judge.Finding) []symptom {
	var gathered []symptom
	for _, finding := range findings {
		number := slices.IndexFunc(gathered, func(s symptom) bool { return s.Name == finding.Symptom })
		if number < 0 {
			number = len(gathered)
			gathered = append(gathered, symptom{Name: finding.Symptom, Sentence: sentence(finding.Symptom)})
		}
		of := &gathered[number]
		of.Count++
		if len(of.Told) >= mostTold {
			of.More++
			continue
		}
		one := told{Text: finding.Text}
		if !finding.At.IsZero() {
			one.Time = clock(finding.At)
		}
		of.Told = append(of.Told, one)
	}
	return gathered
}

// todoOf says what to do about a verdict.
func todoOf(scenario report.Scenario) string {
	switch scenario.Verdict {
	case judge.Failed:
		return "No recorded issue explains this. Look at the evidence, run it once more by itself, and report or repair it."
	case judge.Known:
		return "This fails as recorded. Until it is repaired, take another version, or live with it knowingly."
	case judge.Fixed:
		return "This was recorded as failing, and it passed. Run it again, and let the recorded issue end before this version."
	case judge.Blocked:
		return "This says nothing about the dashboard: the environment broke. Put that right, and run it again."
	case judge.Inapplicable:
		return "This cannot be shown with these settings. Nothing is wrong, and nothing is shown."
	default:
		return ""
	}
}

// reproduce is the command that runs one scenario as the run did.
func reproduce(command, id string) string {
	if command == "" {
		return ""
	}
	// The filter is the last that a run says of itself.
	command, _, _ = strings.Cut(command, " --label-filter ")
	return command + " --label-filter " + id
}

func sourceLink(source string) link {
	if parts := issueName.FindStringSubmatch(source); parts != nil {
		return link{source, issueAddress + parts[1] + "/issues/" + parts[2]}
	}
	return link{Text: source}
}

// relative is the address of a file of the evidence, from the page's own place.
func relative(evidence, name string) string {
	var parts []string
	for part := range strings.SplitSeq(path.Join(evidence, name), "/") {
		parts = append(parts, url.PathEscape(part))
	}
	return strings.Join(parts, "/")
}

var notInAnchor = regexp.MustCompile(`[^a-z0-9]+`)

func anchor(id string) string {
	return "spec-" + notInAnchor.ReplaceAllString(strings.ToLower(id), "-")
}
