package judge_test

import (
	"strings"
	"testing"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// under has the dashboard of a timeline live under a path.
func under(base string, line *timeline.Timeline) {
	line.Header.BaseURL = base
	for i := range line.Events {
		event := &line.Events[i]
		if event.Kind == timeline.Routed && event.Tab == tab {
			event.Text = base + event.Text
		}
		if event.Request == nil {
			continue
		}
		moved := *event.Request
		switch event.Witness {
		case timeline.Page:
			moved.URL = strings.Replace(moved.URL, site, site+base, 1)
		case timeline.Front:
			moved.URL = base + moved.URL
		}
		event.Request = &moved
	}
}

func TestADashboardUnderABaseURLKeepsEveryRule(t *testing.T) {
	t.Parallel()
	line := healthy("token")
	under("/headlamp", &line)
	for _, rule := range rulesOf("token") {
		for _, finding := range check(asserted(line), rule) {
			t.Errorf("%s: %s: %s", finding.Rule, finding.Symptom, finding.Text)
		}
	}
}

func TestUnderABaseURLTheRootIsNoPageOfTheDashboard(t *testing.T) {
	t.Parallel()
	line := healthy("token")
	under("/headlamp", &line)
	during(routed(tab, "/c/main/namespaces"))(&line)
	line.Sort()
	if findings := check(asserted(line), "stayed-on-page"); len(findings) != 1 || findings[0].Symptom != judge.LeftThePage {
		t.Errorf("got %v", findings)
	}
}
