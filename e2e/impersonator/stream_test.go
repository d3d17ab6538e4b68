package impersonator_test

import (
	"bufio"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

const bearerProtocol = "base64url.bearer.authorization.k8s.io."

func TestAWatchsEventsPassAtOnce(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+h.address()+"/api/v1/namespaces?watch=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+h.issuer.token(t, nil))
	response, err := h.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	// The upstream goes on only when this client has gone: what comes before is
	// what was flushed.
	event, err := bufio.NewReader(response.Body).ReadString('\n')
	if err != nil || event != "first event\n" {
		t.Fatalf("read %q, %v", event, err)
	}
	if record := h.recorded(t, timeline.Responded); record.Status != http.StatusOK {
		t.Errorf("recorded %+v", record)
	}
	response.Body.Close()
	h.recorded(t, timeline.Ended)
}

func TestUpgradesPassBothWays(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	token := h.issuer.token(t, nil)
	asProtocol := bearerProtocol + base64.RawURLEncoding.EncodeToString([]byte(token))
	for name, test := range map[string]struct {
		protocol  string
		lines     []string
		offered   []string // the subprotocols that arrive
		webSocket bool
	}{
		"SPDY": {"SPDY/3.1", []string{"Authorization: Bearer " + token, "X-Stream-Protocol-Version: v4.channel.k8s.io"}, nil, false},
		"WebSocket": {
			"websocket", []string{"Authorization: Bearer " + token, "Sec-WebSocket-Protocol: v5.channel.k8s.io, v4.channel.k8s.io"},
			[]string{"v5.channel.k8s.io, v4.channel.k8s.io"}, true,
		},
		"WebSocket with the token among its protocols": {
			"websocket", []string{"Sec-WebSocket-Protocol: v5.channel.k8s.io, " + asProtocol + ", v4.channel.k8s.io"},
			[]string{"v5.channel.k8s.io, v4.channel.k8s.io"}, true,
		},
		"WebSocket with the token on a line of its own": {
			"WebSocket", []string{"Sec-WebSocket-Protocol: " + asProtocol, "Sec-WebSocket-Protocol: v4.channel.k8s.io"},
			[]string{"v4.channel.k8s.io"}, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := h.reached()
			response, talk := h.say(t, "GET /exec HTTP/1.1", append(test.lines, "Connection: Upgrade", "Upgrade: "+test.protocol)...)
			if response.StatusCode != http.StatusSwitchingProtocols {
				t.Fatalf("answered %d", response.StatusCode)
			}
			said(t, talk, "hello")
			said(t, talk, "hello again")
			arrived := h.since(before)
			arrived.actsAs(t, token, "alice", "developers", "testers")
			if got := arrived.header.Values("Sec-Websocket-Protocol"); !slices.Equal(got, test.offered) {
				t.Errorf("the protocols arrived as %q, want %q", got, test.offered)
			}
			record := lastRecord(t, h)
			if record.Status != http.StatusSwitchingProtocols || record.WebSocket != test.webSocket || record.Bearer == nil || record.Bearer.Hash != redact.Hash(token) {
				t.Errorf("recorded %+v with the bearer %+v", record, record.Bearer)
			}
		})
	}
}

// said sends a text and checks that it comes back.
func said(t *testing.T, talk *conversation, text string) {
	t.Helper()
	if _, err := io.WriteString(talk, text); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if _, err := io.ReadFull(talk.reader, got); err != nil || string(got) != text {
		t.Fatalf("got %q back, %v", got, err)
	}
}

func TestABadTokenAmongTheProtocolsIsRefused(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	encode := base64.RawURLEncoding.EncodeToString
	good := encode([]byte(h.issuer.token(t, nil)))
	for name, lines := range map[string][]string{
		"expired":              {"Sec-WebSocket-Protocol: v4.channel.k8s.io, " + bearerProtocol + encode([]byte(h.issuer.token(t, map[string]any{"exp": 1})))},
		"two of them":          {"Sec-WebSocket-Protocol: v4.channel.k8s.io, " + bearerProtocol + good + ", " + bearerProtocol + good},
		"no other protocol":    {"Sec-WebSocket-Protocol: " + bearerProtocol + good},
		"not encoded":          {"Sec-WebSocket-Protocol: v4.channel.k8s.io, " + bearerProtocol + "%%%"},
		"a prefix oddly cased": {"Sec-WebSocket-Protocol: v4.channel.k8s.io, Base64url.Bearer.authorization.k8s.io." + good},
	} {
		response, _ := h.say(t, "GET /exec HTTP/1.1", append(lines, "Connection: Upgrade", "Upgrade: websocket")...)
		if response.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: answered %d", name, response.StatusCode)
		}
	}
	// The same token is refused to what is no WebSocket.
	response, _ := h.say(t, "GET /exec HTTP/1.1", "Sec-WebSocket-Protocol: v4.channel.k8s.io, "+bearerProtocol+good)
	if response.StatusCode != http.StatusUnauthorized {
		t.Errorf("without an upgrade: answered %d", response.StatusCode)
	}
	if h.reached() > 0 {
		t.Errorf("%d requests reached the upstream", h.reached())
	}
}

func TestCloseCutsWhatIsOpen(t *testing.T) {
	t.Parallel()
	h := newHop(t)
	token := h.issuer.token(t, nil)
	_, watching := h.say(t, "GET /api/v1/namespaces?watch=true HTTP/1.1", "Authorization: Bearer "+token)
	_, exec := h.say(t, "GET /exec HTTP/1.1", "Authorization: Bearer "+token, "Connection: Upgrade", "Upgrade: websocket")
	said(t, exec, "hello")
	began := time.Now()
	if err := h.impersonator.Close(); err != nil {
		t.Fatal(err)
	}
	for name, talk := range map[string]*conversation{"watch": watching, "upgraded connection": exec} {
		if _, err := io.Copy(io.Discard, talk.reader); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the %s was not cut: %v", name, err)
		}
	}
	if took := time.Since(began); took >= patience/2 {
		t.Errorf("closing took %s", took)
	}
}
