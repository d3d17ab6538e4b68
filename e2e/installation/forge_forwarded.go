package installation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/identityproxy"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// mePath is where the dashboard itself tells its page who the user is, below the
// cluster's path.
const mePath = "/me"

// claim is one way to come to the dashboard with somebody else's identity in what
// only the proxy before it may say.
type claim struct {
	name   string
	path   string // what is asked: the API server as whom it knows the client, unless it is mePath
	header http.Header
	watch  bool // opens a watch in place of asking
}

// claimsOf are what is tried: with a token of another user's, which is good, and
// with the other's name.
func claimsOf(token, name string) []claim {
	named := http.Header{
		identityproxy.UserHeader: {name}, identityproxy.GroupHeader: {"cluster-admins"}, identityproxy.EmailHeader: {name + "@example.com"},
		"X-Forwarded-Groups": {"cluster-admins"}, "X-Forwarded-Preferred-Username": {name}, "X-Auth-Request-User": {name},
	}
	return []claim{
		{name: "a token", header: http.Header{identityproxy.TokenHeader: {token}}},
		{name: "a token, in odd case", header: http.Header{"x-fORWARDED-iD-tOKEN": {token}}},
		{name: "a token, with underscores", header: http.Header{"X_Forwarded_Id_Token": {token}}},
		{name: "a token, doubled", header: http.Header{identityproxy.TokenHeader: {token, token}}},
		{name: "a token, hop by hop", header: http.Header{"Connection": {identityproxy.TokenHeader}, identityproxy.TokenHeader: {token}}},
		{name: "a token as the credential", header: http.Header{"Authorization": {"Bearer " + token}}},
		{name: "a token as the proxy's access token", header: http.Header{"X-Forwarded-Access-Token": {token}, "X-Auth-Request-Access-Token": {token}}},
		{name: "a token in the dashboard's own cookie", header: http.Header{"Cookie": {"headlamp-auth-" + clusterName + ".0=" + token}}},
		{name: "a name", header: named},
		{name: "a name, to the dashboard itself", path: mePath, header: named},
		{name: "a token, to the dashboard itself", path: mePath, header: http.Header{identityproxy.TokenHeader: {token}}},
		{name: "a token, at a watch", watch: true, header: http.Header{identityproxy.TokenHeader: {token}}},
	}
}

// ForgeForwarded comes to the dashboard with what only the proxy before it may say of
// a user, and says that it is another user, who has a good token and has not logged
// in: with the session's own cookies, and without any.
func (s *Session) ForgeForwarded(ctx context.Context, other User) error {
	in := s.in
	in.tell(live.Message{State: live.Using})
	token, err := in.realm.Token(ctx, other.account)
	if err != nil {
		return environment("get a token of another user", err)
	}
	copied, err := s.CopyCookies(ctx)
	if err != nil {
		return err
	}
	stranger, err := in.newClient()
	if err != nil {
		return err
	}
	claims := claimsOf(token, other.Name)
	for _, each := range append([]claim{{name: "nothing"}, {name: "nothing, to the dashboard itself", path: mePath}}, claims...) {
		if err := in.claimAt(ctx, copied.client, judge.BesideSession, each); err != nil {
			return err
		}
	}
	for _, each := range claims {
		if err := in.claimAt(ctx, stranger, judge.WithoutSession, each); err != nil {
			return err
		}
	}
	return in.claimAt(ctx, copied.client, judge.BesideSession, claim{name: "nothing, after all others"})
}

// claimAt makes one claim, and notes what it was answered, and as whom.
func (in *Installation) claimAt(ctx context.Context, client *rawclient.Client, kind string, each claim) error {
	begun := time.Now().UTC()
	method, target := http.MethodPost, reviewPath
	switch {
	case each.watch:
		method, target = http.MethodGet, namespacesPath
	case each.path != "":
		method, target = http.MethodGet, each.path
	}
	target += "?attempt=" + newName("claim")
	status, as, err := 0, timeline.Identified{}, error(nil)
	if each.watch {
		target += "&watch=1"
		status, err = openAndClose(ctx, client, target, each.header)
	} else {
		status, as, err = askAs(ctx, client, method, target, each.header)
	}
	if err != nil {
		return in.undone(ctx, judge.Crashed, fmt.Errorf("come to the dashboard with another's identity (%s): %w", each.name, err))
	}
	in.recorder.Add(timeline.Event{
		Witness: timeline.Suite, Kind: timeline.Attempted, Text: each.name, Level: kind, Count: status, Identified: &as,
		Request: &timeline.Request{Method: method, URL: target, Status: status, Began: begun},
	})
	return nil
}

// askAs asks who the client is: the API server by a POST, the dashboard by a GET. An
// answer that names nobody is as nobody's.
func askAs(ctx context.Context, client *rawclient.Client, method, target string, header http.Header) (int, timeline.Identified, error) {
	request := rawclient.Request{Method: method, Path: target, Header: header.Clone()}
	if method == http.MethodPost {
		if request.Header == nil {
			request.Header = http.Header{}
		}
		request.Header.Set("Content-Type", "application/json")
		request.Body = []byte(`{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`)
	}
	answer, err := client.Send(ctx, request)
	if err != nil {
		return 0, timeline.Identified{}, err
	}
	if method == http.MethodPost {
		// A body that cannot be read names nobody.
		as, _ := readReview(answer.Body)
		return answer.Status, as, nil
	}
	var me struct {
		Username string   `json:"username"`
		Groups   []string `json:"groups"`
	}
	_ = json.Unmarshal(answer.Body, &me)
	return answer.Status, timeline.Identified{User: me.Username, Groups: me.Groups}, nil
}

// openAndClose opens a watch and closes it, and returns the status of its handshake.
func openAndClose(ctx context.Context, client *rawclient.Client, target string, header http.Header) (int, error) {
	watch, err := client.Watch(ctx, target, header)
	if err == nil {
		watch.Close()
		return http.StatusSwitchingProtocols, nil
	}
	var refused *rawclient.RefusedError
	if errors.As(err, &refused) {
		return refused.Answer.Status, nil
	}
	return 0, err
}
