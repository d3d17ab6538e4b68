package impersonator

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"testing"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const (
	goodToken = "a.good.token"
	own       = "own-credential"
)

// ofOne is an impersonator that accepts one token, as that of this user.
func ofOne(name string, groups ...string) *Impersonator {
	tokens := authenticator.TokenFunc(func(_ context.Context, token string) (*authenticator.Response, bool, error) {
		if token != goodToken {
			return nil, false, errors.New("not a good token")
		}
		return &authenticator.Response{User: &user.DefaultInfo{Name: name, Groups: groups}}, true, nil
	})
	return &Impersonator{credential: own, requests: requests(tokens)}
}

// carriesGood says whether a request brings the good token in one of the two places
// in which the API server looks for one.
func carriesGood(header http.Header) bool {
	inProtocol := strings.ToLower(bearerProtocol) + base64.RawURLEncoding.EncodeToString([]byte(goodToken))
	return slices.ContainsFunc(header.Values(authorization), func(line string) bool { return strings.Contains(line, goodToken) }) ||
		slices.ContainsFunc(header.Values(protocols), func(line string) bool {
			// Trailing bits of a last digit that say nothing may be any.
			return strings.Contains(line, inProtocol[:len(inProtocol)-1])
		})
}

// FuzzWhateverAClientSaysItIsTheTokensUserOrNobody sends any request, with any names
// in the token, through the impersonator's two steps.
func FuzzWhateverAClientSaysItIsTheTokensUserOrNobody(f *testing.F) {
	const begin = "GET /api/v1/namespaces HTTP/1.1\r\nHost: localhost\r\n"
	protocol := bearerProtocol + base64.RawURLEncoding.EncodeToString([]byte(goodToken))
	for _, headers := range []string{
		"Authorization: Bearer " + goodToken + "\r\n",
		"authorization: bearer " + goodToken + "\r\nImpersonate-User: root\r\nimpersonate-group: system:masters\r\n",
		"Authorization: Bearer bad\r\nAuthorization: Bearer " + goodToken + "\r\n",
		"Authorization: Bearer " + goodToken + "\r\nAuthorization: Bearer bad\r\n",
		"Authorization: Bearer " + goodToken + "\r\nConnection: Impersonate-User, Authorization\r\nImpersonate-Uid: 0\r\nImpersonate-Extra-A%2fb: c\r\n",
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: v4.channel.k8s.io, " + protocol + "\r\n",
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: " + protocol + "\r\nSec-WebSocket-Protocol: " + strings.ToUpper(protocol) + "\r\n",
		"X-Remote-User: root\r\nX-Forwarded-Id-Token: " + goodToken + "\r\nCookie: headlamp-auth-main.0=" + goodToken + "\r\n",
		"Proxy-Authorization: Bearer " + goodToken + "\r\nX-Authorization: Bearer " + goodToken + "\r\n",
		"Impersonate-User:\r\nTransfer-Encoding: chunked\r\nTrailer: Impersonate-User\r\n",
		"",
	} {
		f.Add([]byte(begin+headers+"\r\n"), "alice", "developers")
	}
	f.Add([]byte(begin+"Authorization: Bearer "+goodToken+"\r\n\r\n"), "", "developers")
	f.Add([]byte(begin+"Authorization: Bearer "+goodToken+"\r\n\r\n"), "system:anonymous", "system:masters")
	f.Add([]byte(begin+"Authorization: Bearer "+goodToken+"\r\n\r\n"), "a\r\nImpersonate-Group: b", "Ärzte ")
	f.Fuzz(func(t *testing.T, raw []byte, name, group string) {
		request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return // no server hands that on
		}
		sent := request.Header.Clone()
		hop, record := ofOne(name, group), &timeline.Request{Impersonation: &timeline.Impersonation{User: "claimed"}}
		admitted, refused := hop.admit(request, record)
		if record.Impersonation != nil {
			t.Errorf("what the client asked for is recorded as sent: %+v", record.Impersonation)
		}
		if (admitted == nil) == (refused == nil) {
			t.Fatalf("admitted %v, refused %v", admitted, refused)
		}
		if refused != nil {
			if refused.Status != http.StatusUnauthorized && (refused.Status != http.StatusBadRequest || !carriesGood(sent)) {
				t.Errorf("refused with %d", refused.Status)
			}
			if strings.Contains(string(refused.Body), own) || strings.Contains(refused.Reason, own) {
				t.Errorf("the refusal tells the own credential: %s %s", refused.Body, refused.Reason)
			}
			return
		}
		if !carriesGood(sent) {
			t.Fatalf("without the token it was admitted: %q", sent)
		}
		_, _ = io.Copy(io.Discard, request.Body) // has the trailer read
		out := admitted.Clone(admitted.Context())
		hop.actFor(&httputil.ProxyRequest{In: admitted, Out: out}, record)
		checkActsAs(t, out, name, group)
	})
}

// checkActsAs says by what a request shows another identity than that of a user in a
// group, under the own credential.
func checkActsAs(t *testing.T, out *http.Request, name, group string) {
	t.Helper()
	want := map[string][]string{"Authorization": {"Bearer " + own}, "Impersonate-User": {name}, "Impersonate-Group": {group}}
	for header, values := range out.Header {
		canonical := http.CanonicalHeaderKey(header)
		switch expected, known := want[canonical]; {
		case known && canonical == header && slices.Equal(values, expected):
			delete(want, canonical)
		case known, identifies(header):
			t.Errorf("%s goes out as %q", header, values)
		case canonical == protocols && slices.ContainsFunc(values, func(line string) bool {
			return strings.Contains(strings.ToLower(line), bearerProtocol)
		}):
			// A name that only has it inside is none that carries a token.
			for protocol := range strings.SplitSeq(strings.Join(values, ","), ",") {
				if strings.HasPrefix(strings.ToLower(strings.TrimSpace(protocol)), bearerProtocol) {
					t.Errorf("a token goes out as a protocol: %q", values)
				}
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("it lacks %v", want)
	}
	if len(out.Trailer) > 0 {
		t.Errorf("the trailer %v goes out", out.Trailer)
	}
	if name == "" || name == user.Anonymous {
		t.Errorf("acts as %q", name)
	}
	// What goes over the wire has to be the same.
	var wire bytes.Buffer
	if err := out.Header.Write(&wire); err != nil {
		t.Fatal(err)
	}
	read, err := http.ReadRequest(bufio.NewReader(strings.NewReader("GET / HTTP/1.1\r\nHost: localhost\r\n" + wire.String() + "\r\n")))
	if err != nil {
		return // an upstream refuses it, for another header's sake
	}
	if got := read.Header["Impersonate-User"]; !slices.Equal(got, []string{name}) {
		t.Errorf("the user %q arrives as %q", name, got)
	}
	if got := read.Header["Impersonate-Group"]; !slices.Equal(got, []string{group}) {
		t.Errorf("the group %q arrives as %q", group, got)
	}
}
