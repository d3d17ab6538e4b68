package judge

import (
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	// askedBy marks in the address whose request it is: what the address says and
	// what the credential says must be the same user.
	askedBy = "asked-by%3D"
	// turnsAtLeast is how many requests come in a row of one user at the most, on
	// average: more would be one user after the other.
	turnsAtLeast = 10
)

// MarkedPath is a path below the cluster's that says who asks for it.
func MarkedPath(user string) string { return "/api/v1/namespaces?labelSelector=" + askedBy + user }

// usersIsolated: Count requests of each of several users, amid those of the others,
// were answered as that user's; none was answered as another's, and none reached
// the API server under another's name.
func usersIsolated(line timeline.Timeline, rule Rule) []Finding {
	if _, loggedIn := line.Session(); !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	answered := map[string]int{}
	for _, event := range line.Of(timeline.Suite, timeline.Interleaved) {
		answered[event.Text] += event.Count
	}
	if len(answered) < 2 {
		return missing(NothingSeen, "%d users were there at once, so none could be taken for another", len(answered))
	}
	var findings []Finding
	for _, user := range line.Header.Usernames() {
		if count, asked := answered[user]; asked && count < rule.Count {
			findings = append(findings, missing(NotServed, "%d requests of %s were answered as this user's, at least %d were to be", count, user, rule.Count)...)
		}
	}
	for _, event := range line.Of(timeline.Suite, timeline.MixedUp) {
		findings = append(findings, found(UsersMixed, event, "%s", event.Text))
	}
	marked, turns, last := map[string]int{}, 0, ""
	for _, event := range line.Of(timeline.Tap, timeline.Responded) {
		owner := markedOwner(event.Request.URL)
		if _, asked := answered[owner]; !asked {
			continue
		}
		marked[owner]++
		if owner != last {
			turns, last = turns+1, owner
		}
		if who := wireUser(line.Header, *event.Request); who != owner {
			findings = append(findings, found(UsersMixed, event, "a request of %s went out as %q", owner, who))
		}
	}
	for _, event := range line.Of(timeline.Audit, timeline.Audited) {
		owner := markedOwner(event.Record.URI)
		if _, asked := answered[owner]; asked && actingUser(*event.Record) != owner {
			findings = append(findings, found(UsersMixed, event, "the audit log says that %q did what %s had asked for", actingUser(*event.Record), owner))
		}
	}
	all := 0
	for user := range answered {
		all += marked[user]
		if marked[user] == 0 {
			findings = append(findings, missing(NothingSeen, "the tap saw no marked request of %s", user)...)
		}
	}
	if turns*turnsAtLeast < all {
		findings = append(findings, missing(NothingSeen, "%d marked requests came in %d turns: one user after the other", all, turns)...)
	}
	return findings
}

// markedOwner is who asks for a marked address, or nobody.
func markedOwner(url string) string {
	_, owner, _ := strings.Cut(url, askedBy)
	return owner
}
