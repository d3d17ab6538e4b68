package report

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
)

// JUnitName is the JUnit report's name in the report directory.
const JUnitName = "junit.xml"

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name       string          `xml:"name,attr"`
	Class      string          `xml:"classname,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Failure    *junitMessage   `xml:"failure,omitempty"`
	Error      *junitMessage   `xml:"error,omitempty"`
	Skipped    *junitMessage   `xml:"skipped,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// SaveJUnit writes the report as JUnit: what is known is skipped with its
// issue, what is blocked is an error.
func (r Report) SaveJUnit(dir string) error {
	suite := junitSuite{
		Name:      "headlamp-conformance",
		Tests:     len(r.Scenarios),
		Time:      seconds(r.Seconds),
		Timestamp: r.Date.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"dashboard", r.Dashboard.Name + " " + r.Dashboard.Version},
			{"identity", r.Settings.Identity},
			{"conformant", fmt.Sprint(r.Conformant)},
			{"partial", fmt.Sprint(r.Partial)},
			{"asRecorded", fmt.Sprint(r.AsRecorded)},
		},
	}
	if r.Notice != "" {
		suite.Properties = append(suite.Properties, junitProperty{"notice", r.Notice})
	}
	for _, scenario := range r.Scenarios {
		subject, name, _ := strings.Cut(scenario.ID, "/")
		entry := junitCase{
			Name: name, Class: subject, Time: seconds(scenario.Seconds),
			Properties: []junitProperty{
				{"level", string(scenario.Level)},
				{"verdict", string(scenario.Verdict)},
				{"promise", scenario.Promise},
			},
		}
		message := &junitMessage{Message: scenario.Reason, Text: findingsText(scenario.Findings)}
		switch scenario.Verdict {
		case judge.Failed:
			suite.Failures++
			entry.Failure = message
		case judge.Blocked:
			suite.Errors++
			entry.Error = message
		case judge.Known, judge.Inapplicable:
			suite.Skipped++
			message.Message = strings.TrimSpace(string(scenario.Verdict)+" "+scenario.Issue) + ": " + message.Message
			entry.Skipped = message
		case judge.Passed, judge.Fixed:
		}
		suite.Cases = append(suite.Cases, entry)
	}
	content, err := xml.MarshalIndent(junitSuites{Suite: suite}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode the JUnit report: %w", err)
	}
	content = append([]byte(xml.Header), append(content, '\n')...)
	if err := os.WriteFile(filepath.Join(dir, JUnitName), content, 0o644); err != nil {
		return fmt.Errorf("write the JUnit report: %w", err)
	}
	return nil
}

func seconds(value float64) string { return fmt.Sprintf("%.3f", value) }

func findingsText(findings []judge.Finding) string {
	var text strings.Builder
	for _, finding := range findings {
		fmt.Fprintln(&text, findingLine(finding))
	}
	return text.String()
}

// findingLine is one finding for people, with the second in which it was seen.
func findingLine(finding judge.Finding) string {
	if finding.At.IsZero() {
		return finding.Text
	}
	return finding.At.UTC().Format("15:04:05.000") + " " + finding.Text
}
