package installation

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/cluster"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/kubelet"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// streamScript opens a stream as the page itself does, talks to it, and returns
// what it did not do.
//
//go:embed stream.js
var streamScript string

// typed is what a person types into a terminal. It ends with the Enter key.
const typed = "hello\r"

// podStream is a stream that a page opens in a pod.
type podStream struct {
	name string // one of timeline's
	path string // below the cluster's
	// query and protocols are those of Headlamp's page (frontend/src/lib/k8s/pod.ts,
	// the same from 0.39 to 0.45), the protocols beside those of every WebSocket.
	query     string
	protocols []string
	says      string   // as soon as the first of what it hears was heard
	hears     []string // in this order; the last one shows that the stream goes on
}

// podStreams are the terminal and the followed log of a pod.
func podStreams(namespace, pod string) []podStream {
	path := "/api/v1/namespaces/" + namespace + "/pods/" + pod
	line := kubelet.LogLine(namespace, pod) + "\n"
	return []podStream{
		{
			name: timeline.Terminal, path: path + "/exec",
			query:     "?container=" + cluster.Container + "&command=sh&stdin=1&stderr=1&stdout=1&tty=1",
			protocols: []string{"v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"},
			says:      typed,
			hears:     []string{kubelet.Greeting(namespace, pod), kubelet.Echo(strings.TrimSpace(typed))},
		},
		{
			name: timeline.Log, path: path + "/log",
			query: "?container=" + cluster.Container + "&previous=false&timestamps=false&follow=true&tailLines=100",
			hears: []string{line, line + line},
		},
	}
}

// OpenStreams opens a terminal in a pod of the session's own and follows its log,
// as the dashboard's page does, and notes how each went. What did not work is a
// rule's to judge. The user needs the right to do so in every namespace.
func (s *Session) OpenStreams(ctx context.Context) error {
	in := s.in
	namespace, pod := newName("streams"), newName("pod")
	if err := in.runPod(ctx, namespace, pod); err != nil {
		return environment("make a pod for a terminal and a log", err)
	}
	in.tell(live.Message{State: live.Using})
	for _, stream := range podStreams(namespace, pod) {
		begun := time.Now().UTC()
		problem, err := s.way.openStream(ctx, stream)
		if err != nil {
			return err
		}
		in.recorder.Add(timeline.Event{
			Witness: timeline.Suite, Kind: timeline.Streamed, Text: stream.name,
			Request: &timeline.Request{Method: http.MethodGet, URL: stream.path, Began: begun, WebSocket: true, Error: problem},
		})
	}
	return nil
}

// runPod makes a pod in a namespace of its own, and sees that the stand's own way to
// it is open: when it is not, no dashboard is to blame.
func (in *Installation) runPod(ctx context.Context, namespace, pod string) error {
	if err := in.stand.Cluster.CreateNamespace(ctx, namespace); err != nil {
		return err
	}
	in.onClose(func(ctx context.Context) error { return in.stand.Cluster.DeleteNamespace(ctx, namespace) })
	if err := in.stand.Cluster.RunPod(ctx, namespace, pod); err != nil {
		return err
	}
	in.onClose(func(ctx context.Context) error { return in.stand.Cluster.DeletePod(ctx, namespace, pod) })
	log, err := in.stand.Cluster.PodLog(ctx, namespace, pod)
	if err == nil && log != kubelet.LogLine(namespace, pod)+"\n" {
		err = fmt.Errorf("its log is %q", log)
	}
	return err
}

func (p *onPage) openStream(ctx context.Context, stream podStream) (problem string, err error) {
	arguments, err := json.Marshal([]any{p.page.Base + clusterPath + stream.path + stream.query, append([]string{}, stream.protocols...), stream.says, stream.hears})
	if err != nil {
		return "", err
	}
	problem, err = browser.Evaluate[string](ctx, p.page.Tab, "open a "+stream.name+" from the page",
		fmt.Sprintf("(%s)(%s, ...%s)", strings.TrimSpace(streamScript), own(), arguments))
	if blocked := blockedBy(err); blocked != nil || ctx.Err() != nil {
		return "", onThePage(err)
	}
	if err != nil {
		// The page has gone, or does not answer: it has no stream.
		problem = err.Error()
	}
	return problem, nil
}

func (b *bare) openStream(ctx context.Context, stream podStream) (problem string, err error) {
	bounded, cancel := context.WithTimeoutCause(ctx, toldWithin, fmt.Errorf("not within %s", toldWithin))
	defer cancel()
	if err := b.talk(bounded, stream); err != nil {
		return err.Error(), ctx.Err()
	}
	return "", nil
}

// talk does what stream.js has a page do.
func (b *bare) talk(ctx context.Context, stream podStream) error {
	opened, err := b.client.Stream(ctx, stream.path+stream.query, stream.protocols)
	if err != nil {
		return err
	}
	defer opened.Close()
	for i, text := range stream.hears {
		if err := opened.Hear(text); err != nil {
			return err
		}
		if i == 0 && stream.says != "" {
			if err := opened.Say(stream.says); err != nil {
				return err
			}
		}
	}
	return nil
}
