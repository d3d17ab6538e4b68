package cluster_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/kubelet"
)

// streamTimeout is the longest that a log or a terminal may take.
const streamTimeout = 30 * time.Second

// checkStreams reads the log of a pod, and opens terminals in it by each way that
// clients have.
func checkStreams(t *testing.T, s *side) {
	const namespace, name = "streams", "pod"
	stub, err := kubelet.Start(s.authority, cluster.KubeletClient)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stub.Close(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), streamTimeout)
	defer cancel()
	if err := s.connected.AddNode(ctx, kubelet.Host, stub.Port()); err != nil {
		t.Fatal(err)
	}
	if err := s.connected.CreateNamespace(ctx, namespace); err != nil {
		t.Fatal(err)
	}
	if err := s.connected.RunPod(ctx, namespace, name); err != nil {
		t.Fatal(err)
	}
	config := s.provider.KubernetesRestConfig()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	log, err := s.connected.PodLog(ctx, namespace, name)
	if err != nil || log != kubelet.LogLine(namespace, name)+"\n" {
		t.Errorf("its log is %q, %v", log, err)
	}
	terminal := client.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(name).SubResource("exec").
		VersionedParams(&corev1.PodExecOptions{Container: cluster.Container, Command: []string{"sh"}, Stdin: true, Stdout: true, TTY: true}, scheme.ParameterCodec).URL()
	sockets, err := remotecommand.NewWebSocketExecutor(config, http.MethodGet, terminal.String())
	if err != nil {
		t.Fatal(err)
	}
	spdy, err := remotecommand.NewSPDYExecutor(config, http.MethodPost, terminal)
	if err != nil {
		t.Fatal(err)
	}
	for way, executor := range map[string]remotecommand.Executor{"WebSockets": sockets, "SPDY": spdy} {
		var said bytes.Buffer
		err := executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: strings.NewReader("hello\r"), Stdout: &said, Tty: true})
		if want := kubelet.Greeting(namespace, name) + "\r\n" + kubelet.Echo("hello") + "\r\n"; err != nil || said.String() != want {
			t.Errorf("by %s, the terminal said %q, %v", way, said.String(), err)
		}
	}
	checkPageStream(t, config, "/exec?container=main&command=sh&stdin=1&stderr=1&stdout=1&tty=1",
		[]string{"base64.binary.k8s.io", "v4.channel.k8s.io", "v3.channel.k8s.io"}, "v4.channel.k8s.io")
	checkPageStream(t, config, "/log?container=main&previous=false&timestamps=false&follow=true&tailLines=100",
		[]string{"base64.binary.k8s.io"}, "base64.binary.k8s.io")
	// A namespace goes when it is empty.
	if err := s.connected.DeletePod(ctx, namespace, name); err != nil {
		t.Fatal(err)
	}
	if err := s.connected.DeletePod(ctx, namespace, name); err != nil {
		t.Errorf("one that is gone already: %v", err)
	}
	if err := s.connected.DeleteNamespace(ctx, namespace); err != nil {
		t.Fatal(err)
	}
}

// checkPageStream opens a stream of the pod as a page does: by WebSocket, with
// several protocols to choose from.
func checkPageStream(t *testing.T, config *rest.Config, path string, offered []string, agreed string) {
	t.Helper()
	with, err := rest.TLSConfigFor(config)
	if err != nil {
		t.Fatal(err)
	}
	dialer := websocket.Dialer{TLSClientConfig: with, HandshakeTimeout: streamTimeout, Subprotocols: offered}
	address := "wss" + strings.TrimPrefix(config.Host, "https") + "/api/v1/namespaces/streams/pods/pod" + path
	socket, response, err := dialer.DialContext(t.Context(), address, nil)
	if err != nil {
		t.Errorf("%s: %v, %v", path, err, response)
		return
	}
	defer socket.Close()
	if err := socket.SetReadDeadline(time.Now().Add(streamTimeout)); err != nil {
		t.Fatal(err)
	}
	if got := socket.Subprotocol(); got != agreed {
		t.Errorf("%s: it speaks %q", path, got)
	}
	for {
		_, message, err := socket.ReadMessage()
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		if len(message) > 1 {
			return
		}
	}
}
