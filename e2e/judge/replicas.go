package judge

import (
	"net/http"
	"strings"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// loginAcrossReplicas: a login ended at another replica than it began at, so
// that what is said of it is said of several replicas.
func loginAcrossReplicas(line timeline.Timeline, _ Rule) []Finding {
	begunAt := ""
	for _, event := range line.Of(timeline.Front, timeline.Responded) {
		switch where, replica := path(event.Request.URL), event.Request.Replica; {
		case replica == "":
		case strings.HasSuffix(where, "/oidc"):
			begunAt = replica
		case strings.HasSuffix(where, "/oidc-callback") && begunAt != "" && replica != begunAt:
			return nil
		}
	}
	return missing(NothingSeen, "no login ended at another replica than it began at")
}

// sessionAcrossReplicas: a session was served by another replica than gave it
// out.
func sessionAcrossReplicas(line timeline.Timeline, _ Rule) []Finding {
	givers := map[string]string{}
	for _, event := range line.Of(timeline.Front, timeline.Responded) {
		request := event.Request
		if used := request.CookieToken; used != nil && request.Status < http.StatusBadRequest && line.Header.InCluster(path(request.URL)+"/") {
			if giver, known := givers[used.Hash]; known && giver != request.Replica {
				return nil
			}
		}
		for _, cookie := range request.SetCookies {
			if cookie.Token != nil && request.Replica != "" {
				givers[cookie.Token.Hash] = request.Replica
			}
		}
	}
	return missing(NothingSeen, "no session was served by another replica than gave it out")
}
