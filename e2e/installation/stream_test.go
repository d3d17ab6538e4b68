package installation

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/kubelet"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// serveStream is a dashboard's way to the stub kubelet.
func serveStream(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{Subprotocols: []string{"v4.channel.k8s.io", "base64.binary.k8s.io"}}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = socket.Close() }()
	if strings.HasSuffix(r.URL.Path, "/log") {
		line := base64.StdEncoding.EncodeToString([]byte(kubelet.LogLine("ns", "pod") + "\n"))
		for range 2 {
			_ = socket.WriteMessage(websocket.TextMessage, []byte(line))
		}
		_, _, _ = socket.ReadMessage()
		return
	}
	say := func(text string) {
		_ = socket.WriteMessage(websocket.BinaryMessage, []byte("\x01"+text+"\r\n"))
	}
	say(kubelet.Greeting("ns", "pod"))
	if _, message, err := socket.ReadMessage(); err == nil {
		say(kubelet.Echo(strings.TrimSpace(strings.TrimPrefix(string(message), "\x00"))))
		_, _, _ = socket.ReadMessage()
	}
}

func TestABareSessionOpensATerminalAndALog(t *testing.T) {
	t.Parallel()
	dashboard := &fakeDashboard{stream: serveStream}
	client := &bare{client: dashboard.serve(t)}
	for _, stream := range podStreams("ns", "pod") {
		if problem, err := client.openStream(t.Context(), stream); problem != "" || err != nil {
			t.Errorf("%s: %q, %v", stream.name, problem, err)
		}
	}
	want := []string{
		"WATCH /api/v1/namespaces/ns/pods/pod/exec?container=main&command=sh&stdin=1&stderr=1&stdout=1&tty=1",
		"WATCH /api/v1/namespaces/ns/pods/pod/log?container=main&previous=false&timestamps=false&follow=true&tailLines=100",
	}
	if got := dashboard.requests(); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("it asked for %q", got)
	}
}

func TestAStreamThatDoesNotWorkIsNoErrorOfTheSuite(t *testing.T) {
	t.Parallel()
	says := map[string]string{timeline.Terminal: "answered 401", timeline.Log: "answered 403"}
	dashboard := &fakeDashboard{refuse: func(asked string) int {
		if strings.Contains(asked, "/exec") {
			return http.StatusUnauthorized
		}
		return http.StatusForbidden
	}}
	client := &bare{client: dashboard.serve(t)}
	for _, stream := range podStreams("ns", "pod") {
		if problem, err := client.openStream(t.Context(), stream); err != nil || !strings.Contains(problem, says[stream.name]) {
			t.Errorf("%s: %q, %v", stream.name, problem, err)
		}
	}
}
