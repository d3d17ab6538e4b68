package judge

import (
	"maps"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	// largeChunks is how many cookies of 3800 bytes a token of more than 8 KB
	// needs.
	largeChunks = 3
	// fewGroups is how many groups a user has at the most who lost most of them.
	fewGroups = 10
)

// chunksConsistent: a token that needs several cookies was kept by the browser as
// the dashboard had set it; and when the user was in fewer groups, and the token
// had become smaller, the browser kept no cookie of the larger one, and requests
// went on to succeed.
func chunksConsistent(line timeline.Timeline, _ Rule) []Finding {
	if _, loggedIn := line.Session(); !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	taken, wereTaken := line.First(timeline.Suite, timeline.Acted)
	if !wereTaken || taken.Text != timeline.GroupsTaken {
		return missing(NothingSeen, "no groups were taken from the user")
	}
	before, after := keptChunks(line, line.Until(taken.At)), keptChunks(line, line.Since(taken.At))
	if len(before.chunks) < largeChunks {
		return missing(NothingSeen, "the browser was seen to keep a token in %d cookies, of %d that a large one needs", len(before.chunks), largeChunks)
	}
	if len(after.chunks) == 0 {
		return missing(NothingSeen, "the browser was seen to keep no session after the groups were taken")
	}
	var findings []Finding
	if len(after.chunks) >= len(before.chunks) {
		findings = append(findings, found(StaleChunk, after.last, "with few groups the browser keeps %d cookies of the token, and with many it kept %d",
			len(after.chunks), len(before.chunks)))
	}
	for _, kept := range []keptToken{before, after} {
		if !wasSet(line, kept) {
			findings = append(findings, found(StaleChunk, kept.last, "the browser keeps %d cookies of a token that the dashboard never set together", len(kept.chunks)))
		}
	}
	if !ServedWithFewGroups(line) {
		findings = append(findings, missing(NotServed, "no request succeeded with a token of few groups")...)
	}
	return findings
}

// keptToken is a token in cookies, as the browser keeps it: their values' hashes
// by name.
type keptToken struct {
	chunks map[string]string
	last   timeline.Event
}

func keptChunks(line, part timeline.Timeline) keptToken {
	kept := keptToken{chunks: map[string]string{}}
	for _, event := range part.Of(timeline.Page, timeline.CookieKept) {
		if isChunk(line.Header, event.Cookie.Name) {
			kept.chunks[event.Cookie.Name] = event.Cookie.Hash
			kept.last = event
		}
	}
	return kept
}

func isChunk(header timeline.Header, name string) bool {
	return strings.HasPrefix(name, sessionCookies[0]+header.Cluster+".")
}

// wasSet says whether the dashboard set these cookies, and no other, in one answer.
func wasSet(line timeline.Timeline, kept keptToken) bool {
	for _, event := range line.Until(kept.last.At).Of(timeline.Front, timeline.Responded) {
		set := map[string]string{}
		for _, cookie := range event.Request.SetCookies {
			if isChunk(line.Header, cookie.Name) && !cookie.Deleted {
				set[cookie.Name] = cookie.Hash
			}
		}
		if maps.Equal(set, kept.chunks) {
			return true
		}
	}
	return false
}

// ServedWithFewGroups says whether, after groups were taken from a user, a request
// to the cluster succeeded that came with a session of few groups.
func ServedWithFewGroups(line timeline.Timeline) bool {
	taken, wereTaken := line.First(timeline.Suite, timeline.Acted)
	if !wereTaken {
		return false
	}
	for _, event := range line.Since(taken.At).Events {
		if event.Witness != timeline.Front || event.Kind != timeline.Responded || !toCluster(line, event) {
			continue
		}
		token := event.Request.CookieToken
		if token != nil && token.Issuer == line.Header.Issuer && len(token.Groups) <= fewGroups && event.Request.Status < 400 {
			return true
		}
	}
	return false
}
