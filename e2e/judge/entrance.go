package judge

import (
	"slices"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// enteredOverEarlierSession: the browser came with the session of an earlier
// installation, a user logged in, and from then on every request came with the
// new session, was served, and the page never asked for a login again.
func enteredOverEarlierSession(line timeline.Timeline, _ Rule) []Finding {
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	foreign := func(e timeline.Event) bool {
		return toCluster(line, e) && e.Witness == timeline.Front && e.Request.CookieToken != nil && e.Request.CookieToken.Issuer != line.Header.Issuer
	}
	if !slices.ContainsFunc(line.Until(login.At).Events, foreign) {
		return missing(NothingSeen, "before the login the front saw no request with the session of an earlier installation")
	}
	var findings []Finding
	for _, routed := range SentBack(line) {
		findings = append(findings, found(LeftThePage, routed, "the page asked for another login: it went to %s", routed.Text))
	}
	own := 0
	for _, event := range line.Since(login.At).Events {
		if !toCluster(line, event) || event.Witness != timeline.Front || began(event).Before(login.At) {
			continue
		}
		switch {
		case foreign(event):
			findings = append(findings, found(WrongCredential, event, "after the login %s came with the session of an earlier installation", path(event.Request.URL)))
		case event.Request.CookieToken != nil:
			own++
		}
	}
	if own == 0 {
		findings = append(findings, missing(NothingSeen, "after the login the front saw no request with the new session")...)
	}
	if len(healthyAnswers(line)) == 0 {
		findings = append(findings, missing(NothingSeen, "after the login no question of the page for the cluster's health succeeded")...)
	}
	return findings
}

// enteredAtSecondTry: Keycloak refused a wrong password and then let the user in,
// and the cluster's page loaded.
func enteredAtSecondTry(line timeline.Timeline, _ Rule) []Finding {
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	var refused []timeline.Event
	for _, event := range line.Until(login.At).Events {
		// What Keycloak calls a wrong password.
		if atKeycloak(line, event, timeline.LoginError) && event.Identity.Error == "invalid_user_credentials" {
			refused = append(refused, event)
		}
	}
	if len(refused) == 0 {
		return missing(NothingSeen, "Keycloak stored no wrong password before the login")
	}
	if !slices.ContainsFunc(line.Since(refused[0].At).Events, func(e timeline.Event) bool { return atKeycloak(line, e, timeline.Login) }) {
		return missing(NotLoggedIn, "after the wrong password Keycloak stored no login of the client %q", line.Header.Client)
	}
	// Before the login nothing of the user's succeeds.
	if !servedAfter(line, refused[0]) {
		return missing(NotServed, "the tap saw no request of the user succeed after the login")
	}
	return nil
}

// returnedToDeepLink: a page of the cluster was opened without a session, the
// page asked for a login, and after that it was where the user wanted to go.
func returnedToDeepLink(line timeline.Timeline, _ Rule) []Finding {
	opened, wasOpened := line.First(timeline.Suite, timeline.Opened)
	if !wasOpened {
		return missing(NothingSeen, "no page of the cluster was opened without a session")
	}
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedIn {
		return missing(NotLoggedIn, "no page of the cluster loaded after a login")
	}
	routes := routesOf(line, login.Tab)
	if !slices.ContainsFunc(routes, func(e timeline.Event) bool {
		return AsksForLogin(line.Header, e) && !e.At.Before(opened.At) && e.At.Before(login.At)
	}) {
		return missing(NothingSeen, "the page that was opened did not ask for a login")
	}
	if last := routes[len(routes)-1]; strings.TrimRight(last.Text, "/") != strings.TrimRight(opened.Text, "/") {
		return []Finding{found(LeftThePage, last, "the user opened %s, and after the login the page is at %s", opened.Text, last.Text)}
	}
	if !servedAfter(line, opened) {
		return missing(NotServed, "the tap saw no request of the user succeed after the login")
	}
	return nil
}

// servedAfter says whether a request of a user succeeded that reached the tap
// after an event.
func servedAfter(line timeline.Timeline, event timeline.Event) bool {
	return len(ServedAtTap(line.Since(event.At))) > 0
}

// bannerCleared: ClearedWithin after the cluster was first said to be healthy in
// the session, no alert about a lost connection was visible any more, and none
// came up from then on.
func bannerCleared(line timeline.Timeline, _ Rule) []Finding {
	login, loggedIn := line.First(timeline.Suite, timeline.LoggedIn)
	if !loggedIn {
		return missing(NotLoggedIn, "no page of the cluster loaded after a login")
	}
	if !HealthyFor(line, ClearedWithin) {
		return missing(NothingSeen, "the page was not told twice, %s apart, that the cluster is healthy", ClearedWithin)
	}
	if len(routesOf(line, login.Tab)) == 0 {
		return missing(NothingSeen, "the page told no route, so it would have told no alert")
	}
	due := healthyAnswers(line)[0].At.Add(ClearedWithin)
	visible := map[string]timeline.Event{}
	var findings []Finding
	for _, event := range line.Events {
		if event.Witness != timeline.Page || event.Tab != login.Tab || !strings.Contains(strings.ToLower(event.Text), lostConnection) {
			continue
		}
		switch {
		case event.Kind == timeline.AlertShown && event.Level != "hidden":
			visible[event.Text] = event
			if event.At.After(due) {
				findings = append(findings, found(LostConnection, event, "the page said %q although the cluster was healthy", event.Text))
			}
		case event.Kind == timeline.AlertShown, event.Kind == timeline.AlertHidden:
			if shown, was := visible[event.Text]; was && !shown.At.After(due) && event.At.After(due) {
				findings = append(findings, found(LostConnection, shown, "the page said %q until %.1f s after that was to be gone", event.Text, event.At.Sub(due).Seconds()))
			}
			delete(visible, event.Text)
		}
	}
	for _, shown := range visible {
		if !shown.At.After(due) {
			findings = append(findings, found(LostConnection, shown, "the page went on saying %q although the cluster was healthy", shown.Text))
		}
	}
	return findings
}
