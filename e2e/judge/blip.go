package judge

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// multiplexer is the path of the one WebSocket through which Headlamp can send
// all watches; it is a request to the cluster under another name.
const multiplexer = "/wsMultiplexer"

// refusalWithin is how far apart two witnesses may see one refusal.
const refusalWithin = time.Second

// noBlip: from the login to the end of the hold, no request to the cluster was
// refused for want of a session, failed, or was forbidden although the user
// has the right.
func noBlip(line timeline.Timeline, _ Rule) []Finding {
	session, loggedIn := line.Session()
	if !loggedIn {
		return missing(NotLoggedIn, "the cluster's page never loaded after a login")
	}
	login := session.Events[0].At
	// The spec's end tears the page down: what breaks then is no blip.
	if hold, held := session.Hold(); held {
		session = session.Until(hold.Events[len(hold.Events)-1].At)
	}
	var findings []Finding
	requests := map[timeline.Witness]int{}
	for _, event := range session.Events {
		if !toCluster(line, event) || began(event).Before(login) {
			continue
		}
		requests[event.Witness]++
		findings = append(findings, blip(line, event)...)
	}
	for _, witness := range []timeline.Witness{timeline.Page, timeline.Front, timeline.Tap} {
		if requests[witness] == 0 {
			findings = append(findings, missing(NothingSeen, "the %s saw no request to the cluster after the login", witness)...)
		}
	}
	return findings
}

// blip says what is wrong with the answer to one request to the cluster.
func blip(line timeline.Timeline, event timeline.Event) []Finding {
	request := event.Request
	what := request.Method + " " + path(request.URL)
	switch {
	case request.Status == http.StatusUnauthorized:
		return []Finding{found(Unauthorized, event, "%s: %s was answered 401", event.Witness, what)}
	case request.Status >= http.StatusInternalServerError:
		return []Finding{found(ServerError, event, "%s: %s was answered %d%s", event.Witness, what, request.Status, because(request.Error))}
	case request.Status == http.StatusForbidden:
		if why := undeserved(line, event); why != "" {
			return []Finding{found(Forbidden, event, "%s: %s was answered 403, %s", event.Witness, what, why)}
		}
	case event.Kind == timeline.Failed && !strings.HasPrefix(request.Error, "canceled"):
		return []Finding{found(RequestFailed, event, "%s: %s failed%s", event.Witness, what, because(request.Error))}
	case event.Kind != timeline.Failed && request.Status == 0:
		return []Finding{found(RequestFailed, event, "%s: %s ended without a status", event.Witness, what)}
	}
	return nil
}

// toCluster says whether an event is about a request that has to reach the
// cluster: all of the tap's and the impersonator's, and those of page and front
// under its path.
func toCluster(line timeline.Timeline, event timeline.Event) bool {
	switch event.Kind {
	case timeline.Responded, timeline.Failed, timeline.WebSocketOpened:
	default:
		return false
	}
	switch event.Witness {
	case timeline.Tap, timeline.Impersonator:
		return true
	case timeline.Page, timeline.Front:
		where := path(event.Request.URL)
		return line.Header.InCluster(where+"/") || strings.HasSuffix(where, multiplexer)
	default:
		return false
	}
}

// undeserved says why a 403 was no answer of the API server's to a user who
// lacks the right. It returns "" for one that was.
//
// Between dashboard and API server a 403 says so by the check of the user's
// rights. Before the dashboard it has to go back to such a one: a dashboard
// that lost the session, and sends its requests without a credential, gets 403
// for an anonymous user.
func undeserved(line timeline.Timeline, event timeline.Event) string {
	hasRight := func(auditID string) bool {
		return auditID != "" && slices.ContainsFunc(line.Events, func(e timeline.Event) bool {
			return e.Witness == timeline.Suite && e.Kind == timeline.RightsChecked && e.Request.AuditID == auditID && e.Text == "allowed"
		})
	}
	if event.Witness != timeline.Page && event.Witness != timeline.Front {
		if hasRight(event.Request.AuditID) {
			return "although the user has the right"
		}
		return ""
	}
	users := usersOf(line)
	asked := clusterPath(line.Header, event.Request.URL)
	from, to := began(event).Add(-refusalWithin), event.At.Add(refusalWithin)
	for _, refused := range line.Of(timeline.Tap, timeline.Responded) {
		user, ours := users[wireUser(line.Header, *refused.Request)]
		if refused.Request.Status == http.StatusForbidden && ours && user.Name != "" && unescaped(path(refused.Request.URL)) == asked &&
			!refused.At.Before(from) && !refused.At.After(to) {
			if hasRight(refused.Request.AuditID) {
				return "although the user has the right"
			}
			return ""
		}
	}
	return "which the API server never answered to the user"
}

// clusterPath is the path of a request of the page's as the API server has it.
func clusterPath(header timeline.Header, address string) string {
	_, below, _ := strings.Cut(path(address), strings.TrimSuffix(header.ClusterPath(), "/"))
	return unescaped(below)
}

func unescaped(escaped string) string {
	if plain, err := url.PathUnescape(escaped); err == nil {
		return plain
	}
	return escaped
}
