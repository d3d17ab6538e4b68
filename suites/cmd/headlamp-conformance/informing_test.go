package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestListTellsProgramsWhatEachScenarioIs(t *testing.T) {
	t.Parallel()
	got := commandLine{arguments: []string{"list", "-o", "json"}}.run(t)
	if got.code != exitAsRecorded || got.stderr != "" {
		t.Fatalf("exit code %d, %s", got.code, got.stderr)
	}
	var entries []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(got.stdout), &entries); err != nil {
		t.Fatal(err)
	}
	if len(entries) < 7 {
		t.Errorf("%d scenarios", len(entries))
	}
	for _, entry := range entries {
		var id, level string
		if err := json.Unmarshal(entry["id"], &id); err != nil || strings.Count(id, "/") != 1 {
			t.Errorf("the id %s: %v", entry["id"], err)
		}
		if err := json.Unmarshal(entry["level"], &level); err != nil || (level != "core" && level != "extended" && level != "setup") {
			t.Errorf("%s: the level %s", id, entry["level"])
		}
		for _, list := range []string{"modes", "sources", "faults"} {
			var items []string
			if err := json.Unmarshal(entry[list], &items); err != nil || items == nil {
				t.Errorf("%s: %s is no list: %s", id, list, entry[list])
			}
			if list != "faults" && len(items) == 0 {
				t.Errorf("%s has no %s", id, list)
			}
		}
	}
}

func TestListTellsPeopleTheSame(t *testing.T) {
	t.Parallel()
	got := commandLine{arguments: []string{"list"}}.run(t)
	if got.code != exitAsRecorded {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
	contains(t, got.stdout, "session/hold-past-expiry", "core", "token,proxy,native")
}

func TestHelpVersionAndCompletionStartNothing(t *testing.T) {
	t.Parallel()
	// Nothing that a run needs is there: whoever looks for it fails.
	bare := []string{"PATH=" + t.TempDir(), "HEADLAMP_CONFORMANCE_CACHE=/proc/cannot-be-made"}
	for line, say := range map[string][]string{
		"version":          {"headlamp-conformance "},
		"":                 {"Usage:", "run", "up", "list", "judge"},
		"--help":           {"Exit codes: 0 as recorded", "2 bad usage", "3 blocked"},
		"help run":         {"--headlamp", "--label-filter"},
		"run --help":       {"--headlamp", "--label-filter"},
		"run -h":           {"--headlamp", "--label-filter"},
		"up --help":        {"until Ctrl-C"},
		"prepare --help":   {"--keycloak-version"},
		"self-test --help": {"--fault"},
		"judge --help":     {"judge DIR"},
		"completion bash":  {"bash completion", "__start_headlamp-conformance"},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			got := commandLine{arguments: strings.Fields(line), environment: bare}.run(t)
			if got.code != exitAsRecorded || got.stderr != "" {
				t.Errorf("exit code %d, %s", got.code, got.stderr)
			}
			contains(t, got.stdout, say...)
		})
	}
}
