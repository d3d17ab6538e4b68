package judge_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const prefix = "oidc:"

// prefixed is a session that sends a request of every kind, of a realm whose names
// get a prefix; and its user gets rights under both names, one after the other.
func prefixed(mode string) timeline.Timeline {
	w := newWriter(mode)
	w.logIn()
	w.use()
	w.watch("/api/v1/namespaces?watch=1")
	try := func(action string, status int) {
		w.step(time.Second)
		w.suite(timeline.Event{Kind: timeline.Acted, Text: action})
		w.request("GET", forbidden, status)
		w.suite(timeline.Event{Kind: timeline.Attempted, Text: forbidden, Count: status})
	}
	try(timeline.BareNameAllowed, http.StatusForbidden)
	try(timeline.KnownNameAllowed, http.StatusOK)
	w.line.Header.UsernamePrefix, w.line.Header.GroupsPrefix = prefix, prefix
	for i := range w.line.Events {
		putPrefix(&w.line.Events[i])
	}
	w.line.Sort()
	return w.line
}

// putPrefix has the API server, and whoever impersonates, know the user by the
// prefixed names. The token says what it said.
func putPrefix(e *timeline.Event) {
	name := func(name *string) {
		if *name == user {
			*name = prefix + user
		}
	}
	groups := func(groups *[]string) {
		named := slices.Clone(*groups)
		for i, group := range named {
			if group == "developers" || group == "testers" {
				named[i] = prefix + group
			}
		}
		*groups = named
	}
	if e.Record != nil {
		name(&e.Record.User)
		name(&e.Record.ImpersonatedUser)
		groups(&e.Record.Groups)
		groups(&e.Record.ImpersonatedGroups)
	}
	if e.Identified != nil {
		name(&e.Identified.User)
		groups(&e.Identified.Groups)
	}
	if e.Request != nil && e.Request.Impersonation != nil {
		name(&e.Request.Impersonation.User)
		groups(&e.Request.Impersonation.Groups)
	}
}

func TestPrefixedNamesAreTheUsersOwnToEveryRule(t *testing.T) {
	t.Parallel()
	for mode, rules := range map[string][]string{
		"token":  {"known-to-cluster", "known-throughout", "witnesses-agree", "own-token-throughout"},
		"proxy":  {"known-to-cluster", "known-throughout", "witnesses-agree", "own-token-throughout", "impersonated-throughout"},
		"native": {"known-to-cluster", "known-throughout", "witnesses-agree", "impersonated-throughout"},
	} {
		for _, rule := range rules {
			for _, finding := range check(prefixed(mode), rule) {
				t.Errorf("%s: %s: %s %s", mode, rule, finding.Symptom, finding.Text)
			}
			// The bare names are other users' now.
			line := prefixed(mode)
			line.Header.UsernamePrefix, line.Header.GroupsPrefix = "", ""
			reads := rule != "own-token-throughout" && (rule != "witnesses-agree" || mode == "token")
			if reads && len(check(line, rule)) == 0 {
				t.Errorf("%s: %s is kept by a prefix that was not to be", mode, rule)
			}
		}
	}
}

func prefixedFlow() flow {
	const known, decides = "known-throughout", "prefixed-name-decides"
	record := func(uri string) func(timeline.Event) bool {
		return func(e timeline.Event) bool { return e.Record != nil && e.Record.URI == uri }
	}
	const configMap = "/api/v1/namespaces/default/configmaps/x"
	attempt := func(n int) func(timeline.Event) bool { return nth(n, is(timeline.Suite, timeline.Attempted)) }
	return flow{
		rules: []string{known, decides},
		line:  prefixed,
		broken: []broken{
			{
				rule: known, how: "without a login", symptom: judge.NotLoggedIn, says: "never loaded", also: []string{decides},
				change: without(is(timeline.Suite, timeline.LoggedIn)),
			},
			{
				rule: known, how: "by a name without its prefix", symptom: judge.WrongIdentity, says: `DELETE ` + configMap + ` was decided as a request of "dev"`,
				change: among(record(configMap), func(e *timeline.Event) { e.Record.User = user }),
			},
			{
				rule: known, how: "by a name that is impersonated without its prefix", mode: "native", symptom: judge.WrongIdentity, says: `as a request of "dev"`,
				change: among(record(configMap), func(e *timeline.Event) { e.Record.ImpersonatedUser = user }),
			},
			{
				rule: known, how: "by a group without its prefix", symptom: judge.WrongIdentity, says: `"oidc:testers" is missing`,
				change: among(record(configMap), func(e *timeline.Event) {
					e.Record.Groups = []string{prefix + "developers", "testers", "system:authenticated"}
				}),
			},
			{
				rule: known, how: "by a request of nobody", symptom: judge.WrongIdentity, says: "system:anonymous",
				change: among(record(configMap), func(e *timeline.Event) { e.Record.User = "system:anonymous" }),
			},
			{
				rule: known, how: "when the audit log lacks a request", symptom: judge.NothingSeen, says: "does not say as whose",
				change: without(record(forbidden)),
			},
			{
				rule: known, how: "when nothing was deleted", symptom: judge.NothingSeen, says: "no delete",
				change: without(func(e timeline.Event) bool { return e.Witness == timeline.Tap && e.Request.Method == "DELETE" }),
			},
			{
				rule: decides, how: "where there is no prefix", symptom: judge.NothingSeen, says: "nothing before user names", also: []string{known},
				change: func(line *timeline.Timeline) { line.Header.UsernamePrefix = "" },
			},
			{
				rule: decides, how: "when the prefixed name was allowed nothing", symptom: judge.NothingSeen, says: "one after the other",
				change: without(func(e timeline.Event) bool { return e.Text == timeline.KnownNameAllowed }),
			},
			{
				rule: decides, how: "when nobody tried", symptom: judge.NothingSeen, says: "1 times under the one name and 0 times",
				change: without(attempt(1)),
			},
			{
				rule: decides, how: "when the bare name's right counts", symptom: judge.WrongIdentity, says: "was answered 200, and not 403",
				change: among(attempt(0), func(e *timeline.Event) { e.Count = http.StatusOK }),
			},
			{
				rule: decides, how: "when the prefixed name's right does not count", symptom: judge.Forbidden, says: "was answered 403",
				change: among(attempt(1), func(e *timeline.Event) { e.Count = http.StatusForbidden }),
			},
		},
	}
}
