package judge

import (
	"net/http"
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// everyVerb are the ways to use a cluster that have to be seen.
var everyVerb = []struct {
	name string
	is   func(request timeline.Request, record timeline.Record) bool
}{
	{"list", onResource("list")},
	{"get", onResource("get")},
	{"create", onResource("create")},
	{"delete", onResource("delete")},
	{"watch", onResource("watch")},
	{"discovery", func(request timeline.Request, _ timeline.Record) bool {
		return slices.Contains(Discovery, path(request.URL))
	}},
	{"terminal", onPod("exec")},
	{"log", onPod("log")},
}

func onResource(verb string) func(timeline.Request, timeline.Record) bool {
	return func(_ timeline.Request, record timeline.Record) bool {
		return record.Verb == verb && record.Resource != "" && record.Subresource == ""
	}
}

// onPod fits streams: by which verb the API server calls a terminal is its own
// choice.
func onPod(subresource string) func(timeline.Request, timeline.Record) bool {
	return func(request timeline.Request, record timeline.Record) bool {
		return request.WebSocket && record.Resource == "pods" && record.Subresource == subresource
	}
}

// sameUserOnEveryVerb: every request that was sent after the login, by whatever
// verb, went out as the user, and the audit log says that the API server took it so,
// with exactly the user's groups. Requests of every verb were seen and served.
func sameUserOnEveryVerb(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	login := session.Events[0].At
	identities := identitiesOf(line)
	served := map[string]bool{}
	var findings []Finding
	for _, event := range session.Events {
		if !sentOn(event) || began(event).Before(login) {
			continue
		}
		findings = append(findings, identities.wrong(event)...)
		record, known := identities.audited[event.Request.AuditID]
		if event.Witness != timeline.Tap || !known || event.Request.Status >= http.StatusBadRequest {
			continue
		}
		for _, verb := range everyVerb {
			served[verb.name] = served[verb.name] || verb.is(*event.Request, *record.Record)
		}
	}
	var unseen []string
	for _, verb := range everyVerb {
		if !served[verb.name] {
			unseen = append(unseen, verb.name)
		}
	}
	if len(unseen) > 0 {
		findings = append(findings, missing(NothingSeen, "after the login tap and audit log saw no %s that was served", strings.Join(unseen, ", no "))...)
	}
	return findings
}
