package impersonator

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/apiserver/pkg/authentication/user"
)

const (
	authorization = "Authorization"
	protocols     = "Sec-Websocket-Protocol"
	// bearerProtocol begins the WebSocket subprotocol that carries a token
	// (k8s.io/apiserver, pkg/authentication/request/websocket).
	bearerProtocol = "base64url.bearer.authorization.k8s.io."
)

// identifying are the headers by which a client names or proves an identity, in
// lower case: to an API server, to an authenticating proxy before one, or to
// what a dashboard may have been put behind. A prefix ends in a hyphen.
var identifying = []string{
	"authorization", "proxy-authorization", "x-authorization",
	// Headlamp forwards the browser's cookies, and its own holds the user's token.
	"cookie",
	"impersonate-",
	"x-remote-",
	// What gateways add, X-Forwarded-User and X-Forwarded-Id-Token among them.
	"forwarded", "x-forwarded-", "x-auth-request-",
}

func identifies(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc(identifying, func(known string) bool {
		if strings.HasSuffix(known, "-") {
			return strings.HasPrefix(name, known)
		}
		return name == known
	})
}

// foreign returns the names of the headers that strip takes off, in canonical
// form and sorted. Authorization is not among them: it is what a client is
// meant to send.
func foreign(header http.Header) []string {
	found := map[string]bool{}
	for name := range header {
		if identifies(name) && !strings.EqualFold(name, authorization) {
			found[http.CanonicalHeaderKey(name)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// strip takes off everything by which a client names or proves an identity, in
// whatever case it is written. Of the WebSocket subprotocols it takes the one
// with the token, and leaves the others as they stand.
func strip(header http.Header) {
	for name, lines := range header {
		switch {
		case identifies(name):
			delete(header, name)
		case strings.EqualFold(name, protocols):
			if kept := withoutBearer(lines); len(kept) > 0 {
				header[name] = kept
			} else {
				delete(header, name)
			}
		}
	}
}

// withoutBearer returns the lines of subprotocols without those that carry a
// token. A line that carries none is left alone.
func withoutBearer(lines []string) []string {
	var kept []string
	for _, line := range lines {
		offered := strings.Split(line, ",")
		rest := slices.DeleteFunc(slices.Clone(offered), carriesBearer)
		switch {
		case len(rest) == len(offered):
			kept = append(kept, line)
		case len(rest) > 0:
			kept = append(kept, strings.TrimSpace(strings.Join(rest, ",")))
		}
	}
	return kept
}

// carriesBearer is stricter than the API server, which knows the prefix in lower
// case alone: a token must not pass by way of being written oddly.
func carriesBearer(protocol string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(protocol)), bearerProtocol)
}

// actAs adds the headers that ask the API server to act as a user: one for the
// name and one for each group, in the order of the groups. The names are those
// that checkNames has let pass: they stand in the headers as they are, for the
// API server decodes none (of Impersonate-Extra-* it decodes the key alone).
func actAs(header http.Header, who user.Info) {
	header.Set(authenticationv1.ImpersonateUserHeader, who.GetName())
	for _, group := range who.GetGroups() {
		header.Add(authenticationv1.ImpersonateGroupHeader, group)
	}
}

// checkNames says why a user cannot be named in headers without becoming
// another one, or returns nil.
func checkNames(who user.Info) error {
	if who.GetName() == "" {
		// The API server would take the request for the impersonator's own.
		return errors.New("the token names no user")
	}
	if who.GetName() == user.Anonymous {
		// As the bearer of a token it would not be in that group.
		return fmt.Errorf("the API server puts the user %q in the group %q when it is impersonated", user.Anonymous, user.AllUnauthenticated)
	}
	if err := checkValue(who.GetName()); err != nil {
		return fmt.Errorf("the user name %q cannot be sent in a header: %w", who.GetName(), err)
	}
	for _, group := range who.GetGroups() {
		if err := checkValue(group); err != nil {
			return fmt.Errorf("the group name %q cannot be sent in a header: %w", group, err)
		}
	}
	return nil
}

// checkValue says why a value would not arrive as it was sent. Letters beyond
// ASCII do arrive: client-go sends them as UTF-8, and the API server takes a
// value for the bytes that it is.
func checkValue(value string) error {
	switch {
	case !httpguts.ValidHeaderFieldValue(value):
		return errors.New("it has a control character")
	case textproto.TrimString(value) != value:
		return errors.New("it begins or ends with a space")
	}
	return nil
}
