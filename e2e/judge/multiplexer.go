package judge

import (
	"net/http"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// How somebody asks for a stream at the multiplexer: the level of the event that tells
// of it. Its text is the user, or nothing.
const (
	AsksFirst = "asks-first" // for one of a name that nobody has used
	AsksAgain = "asks-again" // for one of a name that somebody else has used
)

// streamsBelongToSessions: whoever asked for a stream got one that went out as the
// asker's, also where somebody else had one of the same name; and a session was told
// what is new over its own, also after a client without a session had closed one of
// that name.
func streamsBelongToSessions(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	asked, told := session.Of(timeline.Suite, timeline.Attempted), session.Of(timeline.Suite, timeline.StreamTold)
	again := 0
	for _, each := range asked {
		if each.Request == nil {
			return missing(NothingSeen, "the timeline does not say which stream was asked for")
		}
		if each.Level == AsksAgain && each.Text != "" {
			again++
		}
	}
	_, closed := session.Acted(timeline.StreamClosedByStranger)
	switch {
	case again < 2:
		return missing(NothingSeen, "%d streams were asked for of a name that somebody else had used, at least 2 are to be", again)
	case !closed:
		return missing(NothingSeen, "nobody closed a stream of another's name")
	case len(told) < 2:
		return missing(NothingSeen, "it was looked %d times whether a stream told what is new, at least 2 are asked for", len(told))
	}
	if refused := refusedStreams(line, asked); len(refused) > 0 {
		// What follows says nothing of whose they are.
		return refused
	}
	var findings []Finding
	for _, each := range asked {
		findings = append(findings, wrongStream(line, each)...)
	}
	for _, each := range told {
		if each.Count == 0 {
			findings = append(findings, found(UsersMixed, each, "the stream of %s at %s told nothing of what was new, after others had said that theirs is called the same", each.Text, each.Level))
		}
	}
	return findings
}

// refusedStreams are the streams of users that the API server refused although they
// went out as theirs.
func refusedStreams(line timeline.Timeline, asked []timeline.Event) []Finding {
	var findings []Finding
	for _, each := range asked {
		for _, event := range passedOn(line, each.Request.URL) {
			if each.Text != "" && wireUser(line.Header, *event.Request) == each.Text && event.Request.Status != http.StatusSwitchingProtocols {
				findings = append(findings, found(NotServed, event, "the stream that %s asked for was answered %d", each.Text, event.Request.Status))
			}
		}
	}
	return findings
}

// wrongStream says as whose a stream that was asked for went out, if not as the asker's.
func wrongStream(line timeline.Timeline, asked timeline.Event) []Finding {
	owner := asked.Text
	passed := passedOn(line, asked.Request.URL)
	if owner == "" {
		// It is nobody's promise to serve a stranger.
		owner = anonymous
	} else if len(passed) == 0 && asked.Level == AsksFirst {
		return missing(NotServed, "the API server was never asked for the stream that %s asked for", owner)
	} else if len(passed) == 0 {
		return []Finding{found(UsersMixed, asked, "the API server was never asked for the stream that %s asked for, of a name that somebody else had used", owner)}
	}
	var findings []Finding
	for _, event := range passed {
		if who := wireUser(line.Header, *event.Request); who != owner {
			findings = append(findings, found(UsersMixed, event, "a stream that %s asked for went out as one of %q", owner, who))
		}
		for _, record := range line.Of(timeline.Audit, timeline.Audited) {
			if record.Record.AuditID == event.Request.AuditID && actingUser(*record.Record) != owner {
				findings = append(findings, found(UsersMixed, record, "the audit log says that %q opened the stream that %s asked for", actingUser(*record.Record), owner))
			}
		}
	}
	return findings
}

// AnsweredAtTap says whether the tap has seen an answer to a request for a URL.
func AnsweredAtTap(line timeline.Timeline, url string) bool { return len(passedOn(line, url)) > 0 }
