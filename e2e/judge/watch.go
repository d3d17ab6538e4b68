package judge

import (
	"net/http"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// heldList is the list that a page is held on.
const heldList = "/api/v1/namespaces"

// neverReloaded: while the page was held, no document of it was loaded anew.
func neverReloaded(line timeline.Timeline, _ Rule) []Finding {
	hold, held := line.Hold()
	if !held {
		return missing(NothingSeen, "the page was never held")
	}
	home := line.Header.PagePath()
	var findings []Finding
	for _, event := range hold.Of(timeline.Front, timeline.Responded) {
		if where := path(event.Request.URL); where == home || strings.HasPrefix(where, home+"/") {
			findings = append(findings, found(LeftThePage, event, "the page was loaded anew: it asked for %s", where))
		}
	}
	return findings
}

// watchReopened: after the watches were cut, the list's was opened anew, with a
// token of the user's that was good, and the page showed what was made then.
func watchReopened(line timeline.Timeline, _ Rule) []Finding {
	cut, was := line.Acted(timeline.WatchesCut)
	switch {
	case !was:
		return missing(NothingSeen, "the watches were never cut")
	case cut.Count == 0:
		return missing(NothingSeen, "no watch was open that could have been cut")
	}
	if !WatchIsReopened(line) {
		return []Finding{found(WatchNotReopened, cut, "the list's watch was not opened anew: the tap saw none after it was cut")}
	}
	// Where the user's own token ends.
	hop, tokenOf := timeline.Tap, func(r timeline.Request) *redact.Token { return r.Bearer }
	switch line.Header.Mode {
	case modeProxy:
		hop = timeline.Impersonator
	case modeNative:
		hop, tokenOf = timeline.Front, func(r timeline.Request) *redact.Token { return r.CookieToken }
	}
	fresh := false
	for _, event := range watchesAt(line.Since(cut.At), hop) {
		token := tokenOf(*event.Request)
		fresh = fresh || (token != nil && token.Issuer == line.Header.Issuer && !began(event).After(token.ExpiresAt))
	}
	if !fresh {
		return []Finding{found(ExpiredToken, cut, "the list's watch was opened anew without a token that was good: the %s saw none", hop)}
	}
	return shownAfter(line, cut)
}

// watchesAt are the watches of the list that were opened, as one witness saw.
func watchesAt(line timeline.Timeline, witness timeline.Witness) []timeline.Event {
	return line.Select(func(e timeline.Event) bool {
		return e.Witness == witness && e.Kind == timeline.Responded && isWatch(*e.Request) &&
			e.Request.Status < http.StatusBadRequest && strings.HasSuffix(path(e.Request.URL), heldList)
	})
}

func isWatch(request timeline.Request) bool {
	return request.WebSocket || strings.Contains(request.URL, "watch=")
}

// WatchIsReopened says whether the tap has seen a watch of the list that a page is
// held on, since the watches were cut.
func WatchIsReopened(line timeline.Timeline) bool {
	cut, was := line.Acted(timeline.WatchesCut)
	return was && len(watchesAt(line.Since(cut.At), timeline.Tap)) > 0
}

// WatchIsOpen says whether the tap has seen a watch of the list that a page is
// held on, and has not seen its end.
func WatchIsOpen(line timeline.Timeline) bool {
	ended := map[string]bool{}
	for _, event := range line.Of(timeline.Tap, timeline.Ended) {
		ended[event.Request.ID] = true
	}
	for _, watch := range watchesAt(line, timeline.Tap) {
		if !ended[watch.Request.ID] {
			return true
		}
	}
	return false
}
