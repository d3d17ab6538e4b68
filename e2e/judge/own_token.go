package judge

import (
	"slices"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// pageStore is where a page keeps a token that it has itself (Headlamp up to 0.34),
// as the browser names it.
const pageStore = "localStorage"

// keptByPage says whether an event is the sight of a token that a page keeps.
func keptByPage(event timeline.Event) bool {
	return event.Kind == timeline.TokenExposed && event.Text == pageStore
}

// HasSessionCookie says whether the dashboard has set a session's cookie.
func HasSessionCookie(line timeline.Timeline) bool {
	return slices.ContainsFunc(line.Of(timeline.Front, timeline.Responded), func(e timeline.Event) bool {
		return slices.ContainsFunc(e.Request.SetCookies, isSession)
	})
}

// TokenSentByPage says whether a request came with a user's token as its own
// credential, which a page can only send that has it.
func TokenSentByPage(line timeline.Timeline) bool {
	return slices.ContainsFunc(line.Of(timeline.Front, timeline.Responded), func(e timeline.Event) bool {
		return toCluster(line, e) && e.Request.Bearer != nil && e.Request.Bearer.Issuer == line.Header.Issuer
	})
}
