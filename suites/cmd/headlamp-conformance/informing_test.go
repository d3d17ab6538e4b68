package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/spf13/pflag"
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
		"help":             {"Usage:", "run", "up", "list", "judge"},
		"run --help":       {"--headlamp", "--label-filter"},
		"run -h":           {"--headlamp", "--label-filter"},
		"up --help":        {"Ctrl-C", "run --stand"},
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

func TestHelpOnACommandThatThereIsNotIsAMistake(t *testing.T) {
	t.Parallel()
	got := commandLine{arguments: []string{"help", "rnu"}}.run(t)
	if got.code != exitUsage || got.stdout != "" {
		t.Errorf("exit code %d; it said %q", got.code, got.stdout)
	}
	contains(t, got.stderr, `unknown command "rnu"`, "run")
}

// A stranger has nothing but the help.
func TestEveryCommandSaysWhatItDoesAndHowItEnds(t *testing.T) {
	t.Parallel()
	const widest = 88
	ends := map[string]bool{"headlamp-conformance": true, "run": true, "judge": true, "diff": true, "matrix": true, "doctor": true, "self-test": true}
	root := newRootCommand()
	for _, command := range append(root.Commands(), root) {
		name := command.Name()
		if command.Long == "" && name != "version" && name != "help" {
			t.Errorf("%s has one line alone to say what it does", name)
		}
		if ends[name] && !strings.Contains(strings.ToLower(command.Long), "exit code") {
			t.Errorf("%s does not say with which exit codes it ends", name)
		}
		for _, line := range strings.Split(command.Long, "\n") {
			if len(line) > widest {
				t.Errorf("%s: %d columns: %s", name, len(line), line)
			}
		}
		command.Flags().VisitAll(func(flag *pflag.Flag) {
			if flag.Usage == "" {
				t.Errorf("%s --%s is not explained", name, flag.Name)
			}
		})
	}
}
