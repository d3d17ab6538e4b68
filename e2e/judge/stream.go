package judge

import (
	"net/http"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// streams are what has to be opened in a pod.
var streams = []string{timeline.Terminal, timeline.Log}

// streamsServed: after Count expiries a terminal was opened in a pod and its log
// was followed, both did what they have to, and both were the user's: at the tap,
// at the impersonator where there is one, and in the audit log.
func streamsServed(line timeline.Timeline, rule Rule) []Finding {
	if _, loggedIn := line.Session(); !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	crossed := crossings(line)
	if len(crossed) < rule.Count {
		return missing(ExpiryNotCrossed, "the hold went past %d of %d expiries, so nothing can be said of what was opened after them", len(crossed), rule.Count)
	}
	opened := line.Since(crossed[rule.Count-1].At).Of(timeline.Suite, timeline.Streamed)
	identities := identitiesOf(line)
	var findings []Finding
	for _, name := range streams {
		tried := false
		for _, stream := range opened {
			if stream.Text != name {
				continue
			}
			tried = true
			if problem := stream.Request.Error; problem != "" {
				findings = append(findings, found(StreamFailed, stream, "the %s that was opened after expiry %d did not work: %s", name, rule.Count, problem))
			}
			findings = append(findings, identities.ofStream(stream)...)
		}
		if !tried {
			findings = append(findings, missing(NothingSeen, "no %s was opened after expiry %d", name, rule.Count)...)
		}
	}
	return findings
}

// ofStream says what is wrong with the identity under which a stream was opened.
// Of one that worked, tap and audit log have to know.
func (i identities) ofStream(stream timeline.Event) []Finding {
	var findings []Finding
	upgraded, audited := false, false
	for _, event := range i.line.Since(stream.Request.Began).Until(stream.At).Events {
		if !sentOn(event) || path(event.Request.URL) != stream.Request.URL {
			continue
		}
		findings = append(findings, i.wrong(event)...)
		if event.Witness == timeline.Tap && event.Request.Status == http.StatusSwitchingProtocols {
			upgraded = true
			_, known := i.audited[event.Request.AuditID]
			audited = audited || known
		}
	}
	switch {
	case stream.Request.Error != "":
		// Nothing need have reached the API server.
	case !upgraded:
		findings = append(findings, found(NothingSeen, stream, "the tap saw nothing of the %s that worked", stream.Text))
	case !audited:
		findings = append(findings, found(NothingSeen, stream, "the audit log has nothing of the %s that worked", stream.Text))
	}
	return findings
}
