package browser

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/redact"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

//go:embed observe.js
var observeScript string

// A page that fills its console must not fill the timeline, too.
const (
	consoleKept = 2000 // messages of a tab
	consoleLine = 8000 // of one, in bytes
)

// observed is what the script tells.
type observed struct {
	Kind    string `json:"kind"`
	Text    string `json:"text"`
	Visible bool   `json:"visible"`
	At      int64  `json:"at"` // Unix milliseconds
}

// observer turns one tab's protocol events into timeline events.
type observer struct {
	recorder *timeline.Recorder
	tab      string

	consoleLines atomic.Int64 // how many messages the console has had

	mu sync.Mutex
	// open holds the requests under way. An id is used again along a redirect,
	// so an entry is the latest request of its id, never all of them.
	open map[network.RequestID]timeline.Request
}

func newObserver(recorder *timeline.Recorder, tab string) *observer {
	return &observer{recorder: recorder, tab: tab, open: map[network.RequestID]timeline.Request{}}
}

// install returns the actions that put the script into every later document.
func (o *observer) install() []chromedp.Action[chromedp.Void] {
	return []chromedp.Action[chromedp.Void]{
		chromedp.ExposeFunc("conformanceObserve", func(_ context.Context, seen observed) (bool, error) {
			level := ""
			if !seen.Visible {
				level = "hidden"
			}
			o.add(timeline.Event{
				At: time.UnixMilli(seen.At), Kind: timeline.Kind(seen.Kind), Text: redact.Text(seen.Text), Level: level,
			})
			return true, nil
		}),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			for _, step := range []func() error{
				func() error {
					_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument,
						page.AddScriptToEvaluateOnNewDocumentParams{Source: observeScript})
					return err
				},
				func() error {
					// A popup's document is there already. In an empty tab this
					// observes about:blank, which tells nothing.
					_, err := cdp.Call(ctx, t, runtime.Evaluate, runtime.EvaluateParams{Expression: observeScript})
					return err
				},
			} {
				if err := step(); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}

// event is called in the loop that reads the tab's messages: it must be quick.
func (o *observer) event(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.RedirectResponse != nil {
			o.finish(e.RequestID, int(e.RedirectResponse.Status), "")
		}
		o.begin(e.RequestID, e.Request.Method, e.Request.URL, e.WallTime, false)
	case *network.EventResponseReceived:
		o.finish(e.RequestID, int(e.Response.Status), "")
	case *network.EventLoadingFailed:
		reason := e.ErrorText
		if e.Canceled {
			reason = "canceled by the page"
		}
		o.finish(e.RequestID, 0, reason)
	case *network.EventWebSocketCreated:
		o.begin(e.RequestID, "GET", e.URL, 0, true)
	case *network.EventWebSocketHandshakeResponseReceived:
		o.webSocket(timeline.WebSocketOpened, e.RequestID, int(e.Response.Status))
	case *network.EventWebSocketClosed:
		o.webSocket(timeline.WebSocketClosed, e.RequestID, 0)
	case *runtime.EventConsoleAPICalled:
		parts := make([]string, len(e.Args))
		for i, argument := range e.Args {
			parts[i] = textOf(argument)
		}
		o.console(string(e.Type), strings.Join(parts, " "))
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		o.console("exception", text)
	case *log.EventEntryAdded:
		o.console(string(e.Entry.Level), e.Entry.Text+" "+e.Entry.URL)
	case *inspector.EventTargetCrashed:
		o.add(timeline.Event{Kind: timeline.Crashed, Text: "the tab crashed"})
	}
}

func (o *observer) add(event timeline.Event) {
	event.Witness = timeline.Page
	event.Tab = o.tab
	o.recorder.Add(event)
}

func (o *observer) begin(id network.RequestID, method, url string, wall cdp.TimeSinceEpoch, webSocket bool) {
	began := time.Now()
	if wall > 0 {
		began = time.UnixMicro(int64(wall.Float64() * 1e6))
	}
	if strings.HasPrefix(url, "data:") || strings.HasPrefix(url, "blob:") {
		return
	}
	for _, token := range redact.Tokens(url) {
		o.add(timeline.Event{Kind: timeline.TokenExposed, Text: "the URL of a request", Token: &token})
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.open[id] = timeline.Request{
		ID: o.tab + "-" + string(id), Method: method, URL: redact.URL(url), Began: began.UTC(), WebSocket: webSocket,
	}
}

// finish records a request's status or failure, whichever comes first: a body
// that breaks off after its status has been recorded adds nothing.
func (o *observer) finish(id network.RequestID, status int, failure string) {
	o.mu.Lock()
	request, found := o.open[id]
	if found {
		delete(o.open, id)
	}
	o.mu.Unlock()
	if !found || request.WebSocket {
		return
	}
	request.Status, request.Error = status, redact.Text(failure)
	kind := timeline.Responded
	if failure != "" {
		kind = timeline.Failed
	}
	o.add(timeline.Event{Kind: kind, Request: &request})
}

func (o *observer) webSocket(kind timeline.Kind, id network.RequestID, status int) {
	o.mu.Lock()
	request, found := o.open[id]
	if found && kind == timeline.WebSocketClosed {
		delete(o.open, id)
	}
	if found && status != 0 {
		request.Status = status
		o.open[id] = request
	}
	o.mu.Unlock()
	if !found {
		return
	}
	o.add(timeline.Event{Kind: kind, Request: &request})
}

func (o *observer) console(level, text string) {
	for _, token := range redact.Tokens(text) {
		o.add(timeline.Event{Kind: timeline.TokenExposed, Text: "the console", Token: &token})
	}
	lines := o.consoleLines.Add(1)
	switch {
	case lines <= consoleKept:
		// Before the cut: half a token is not recognized.
		text = redact.Text(strings.TrimSpace(text))
		if len(text) > consoleLine {
			text = strings.ToValidUTF8(text[:consoleLine], "") + "…"
		}
		o.add(timeline.Event{Kind: timeline.Console, Level: level, Text: text})
	case lines == consoleKept+1:
		o.add(timeline.Event{Kind: timeline.Console, Level: "suite", Text: fmt.Sprintf("the suite keeps no more than these %d messages of a tab", consoleKept)})
	}
}

// textOf returns what a console shows of a value.
func textOf(object *runtime.RemoteObject) string {
	if len(object.Value) > 0 {
		var text string
		if err := json.Unmarshal(object.Value, &text); err == nil {
			return text
		}
		return string(object.Value)
	}
	if object.Preview != nil {
		var properties []string
		for _, property := range object.Preview.Properties {
			properties = append(properties, property.Name+": "+property.Value)
		}
		return object.Description + " {" + strings.Join(properties, ", ") + "}"
	}
	return object.Description
}
