package impersonator

import (
	"bufio"
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"k8s.io/apiserver/pkg/authentication/user"
)

func TestStripLeavesWhatIdentifiesNobody(t *testing.T) {
	t.Parallel()
	header := http.Header{
		"Accept": {"application/json"}, "Audit-Id": {"1"}, "Impersonated": {"no"}, "X-Remotely": {"no"}, "Cookies": {"no"}, "Authorized": {"no"},
		"Authorization": {"Bearer a", "Bearer b"}, "authorization": {"Bearer c"}, "AUTHORIZATION": {"Bearer d"},
		"Impersonate-User": {"root"}, "impersonate-group": {"a", "b"}, "IMPERSONATE-EXTRA-A%2FB": {"c"}, "Impersonate-": {"d"},
		"cookie": {"a=b"}, "X-REMOTE-USER": {"root"}, "forwarded": {"for=a"}, "x-forwarded-id-token": {"a"}, "X-Auth-Request-Email": {"a"},
		"Proxy-Authorization": {"Basic a"}, "x-authorization": {"Bearer e"},
	}
	want := []string{"Accept", "Audit-Id", "Authorized", "Cookies", "Impersonated", "X-Remotely"}
	wantNames := []string{
		"Cookie", "Forwarded", "Impersonate-", "Impersonate-Extra-A%2fb", "Impersonate-Group", "Impersonate-User",
		"Proxy-Authorization", "X-Auth-Request-Email", "X-Authorization", "X-Forwarded-Id-Token", "X-Remote-User",
	}
	if got := foreign(header); !slices.Equal(got, wantNames) {
		t.Errorf("named %q, want %q", got, wantNames)
	}
	strip(header)
	if got := slices.Sorted(maps.Keys(header)); !slices.Equal(got, want) {
		t.Errorf("left %q, want %q", got, want)
	}
}

func TestStripTakesTheTokenFromTheProtocolsAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ offered, left []string }{
		"none":                {nil, nil},
		"untouched as it was": {[]string{"v5.channel.k8s.io,v4.channel.k8s.io , "}, []string{"v5.channel.k8s.io,v4.channel.k8s.io , "}},
		"first":               {[]string{bearerProtocol + "abc, v4.channel.k8s.io"}, []string{"v4.channel.k8s.io"}},
		"between":             {[]string{"v5.channel.k8s.io," + bearerProtocol + "abc,v4.channel.k8s.io"}, []string{"v5.channel.k8s.io,v4.channel.k8s.io"}},
		"last":                {[]string{"v4.channel.k8s.io," + bearerProtocol + "abc"}, []string{"v4.channel.k8s.io"}},
		"alone":               {[]string{bearerProtocol + "abc"}, nil},
		"doubled":             {[]string{bearerProtocol + "abc, " + bearerProtocol + "def"}, nil},
		"on its own line":     {[]string{"v4.channel.k8s.io", bearerProtocol + "abc", "v5.channel.k8s.io"}, []string{"v4.channel.k8s.io", "v5.channel.k8s.io"}},
		"odd case":            {[]string{"Base64URL.bearer.Authorization.K8S.io.abc , v4.channel.k8s.io"}, []string{"v4.channel.k8s.io"}},
		"empty token":         {[]string{bearerProtocol + ",v4.channel.k8s.io"}, []string{"v4.channel.k8s.io"}},
		"alike":               {[]string{"base64url.bearer.authorization.example.com"}, []string{"base64url.bearer.authorization.example.com"}},
	} {
		for _, spelled := range []string{"Sec-Websocket-Protocol", "Sec-WebSocket-Protocol"} {
			header := http.Header{spelled: test.offered}
			strip(header)
			if got := header[spelled]; !slices.Equal(got, test.left) {
				t.Errorf("%s: left %q, want %q", name, got, test.left)
			}
			if _, there := header[spelled]; there && len(test.left) == 0 && test.offered != nil {
				t.Errorf("%s: the header is still there", name)
			}
		}
	}
}

// FuzzStrip: whatever a client sends, nothing that identifies it is left, what
// does not identify it is left as it was, and nothing is left to take off.
func FuzzStrip(f *testing.F) {
	f.Add("Impersonate-User", "root", "v4.channel.k8s.io, "+bearerProtocol+"abc")
	f.Add("iMPERSONATE-eXTRA-acme.com%2Fproject", "x", bearerProtocol)
	f.Add("Accept", "*/*", "v5.channel.k8s.io,,v4.channel.k8s.io")
	f.Add("sec-websocket-protocol", bearerProtocol+"abc", " "+strings.ToUpper(bearerProtocol)+"abc\t,x")
	f.Add("x-remote-", "\x00", ",")
	f.Fuzz(func(t *testing.T, name, value, offered string) {
		header := http.Header{name: {value, value}}
		header.Add("Authorization", value)
		header.Add(protocols, offered)
		named := foreign(header)
		original := header.Clone()
		strip(header)
		if left := foreign(header); len(left) > 0 || header.Get("Authorization") != "" {
			t.Errorf("%q left %q", original, header)
		}
		for name, lines := range header {
			if strings.EqualFold(name, protocols) {
				for _, line := range lines {
					if slices.ContainsFunc(strings.Split(line, ","), carriesBearer) {
						t.Errorf("%q left the protocols %q", original, lines)
					}
				}
			} else if !slices.Equal(lines, original[name]) {
				t.Errorf("%s: %q became %q", name, original[name], lines)
			}
		}
		for name := range original {
			_, left := header[name]
			canonical := http.CanonicalHeaderKey(name)
			if !left && !slices.Contains(named, canonical) && canonical != authorization && canonical != protocols {
				t.Errorf("%q was taken off, and not named among %q", name, named)
			}
		}
		if kept := keptProtocols(header); !slices.Equal(kept, keptProtocols(original)) {
			t.Errorf("of the protocols %q, %q are left", original, kept)
		}
	})
}

// keptProtocols are the subprotocols that carry no token, in order.
func keptProtocols(header http.Header) []string {
	var kept []string
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if !strings.EqualFold(name, protocols) {
			continue
		}
		for _, line := range header[name] {
			for protocol := range strings.SplitSeq(line, ",") {
				if protocol = strings.TrimSpace(protocol); protocol != "" && !carriesBearer(protocol) {
					kept = append(kept, protocol)
				}
			}
		}
	}
	return kept
}

// FuzzNamesArriveExactly: a name that is let pass is read from the wire as it was
// given, whatever it is made of; and one that could not be is not let pass.
func FuzzNamesArriveExactly(f *testing.F) {
	for _, name := range []string{"alice", "jürgen", " alice", "a\r\nImpersonate-Group: system:masters", "\x00", "a\tb", "", "a,b", "100%25", "\xff", "\u00a0"} {
		f.Add(name, "developers")
		f.Add("alice", name)
	}
	f.Fuzz(func(t *testing.T, name, group string) {
		who := &user.DefaultInfo{Name: name, Groups: []string{group, "last"}}
		if checkNames(who) != nil {
			return
		}
		request, err := http.NewRequest(http.MethodGet, "https://upstream/", nil)
		if err != nil {
			t.Fatal(err)
		}
		actAs(request.Header, who)
		var sent bytes.Buffer
		if err := request.Write(&sent); err != nil {
			t.Fatalf("%q and %q were let pass, and cannot be sent: %v", name, group, err)
		}
		arrived, err := http.ReadRequest(bufio.NewReader(&sent))
		if err != nil {
			t.Fatalf("%q and %q were let pass, and cannot be read: %v", name, group, err)
		}
		if got := arrived.Header.Values("Impersonate-User"); !slices.Equal(got, []string{name}) {
			t.Errorf("the user %q arrived as %q", name, got)
		}
		if got := arrived.Header.Values("Impersonate-Group"); !slices.Equal(got, who.Groups) {
			t.Errorf("the groups %q arrived as %q", who.Groups, got)
		}
	})
}

func TestCheckNamesRefusesNoMoreThanItMust(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"alice", "jürgen", "a b", "a\tb", "system:admin", "system:serviceaccount:a:b", "system:node:a", strings.Repeat("a", 1<<18)} {
		if err := checkNames(&user.DefaultInfo{Name: name, Groups: []string{name, "", "system:masters", "system:unauthenticated"}}); err != nil {
			t.Errorf("%.40q was refused: %v", name, err)
		}
	}
	for _, name := range []string{"", " a", "a ", "a\t", "a\n", "a\r", "a\x00b", "\x7f", "system:anonymous"} {
		if checkNames(&user.DefaultInfo{Name: name}) == nil {
			t.Errorf("the user %q was let pass", name)
		}
	}
	for _, group := range []string{" a", "a ", "a\nb", "\x1b"} {
		if checkNames(&user.DefaultInfo{Name: "alice", Groups: []string{"developers", group}}) == nil {
			t.Errorf("the group %q was let pass", group)
		}
	}
}
