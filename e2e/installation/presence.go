package installation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
)

const (
	namespacesPath = "/api/v1/namespaces"
	// shownInEveryList is a namespace that every cluster has.
	shownInEveryList = "kube-system"
	// firstPause and longestPause are between a list that ended and the next, as
	// on Headlamp's page.
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// presence does what an open page does by itself: it asks for the cluster's
// health, and keeps a list of namespaces up to date. Like a page that bears it,
// it goes on whatever it is answered.
type presence struct {
	client *rawclient.Client
	cancel context.CancelFunc
	doing  sync.WaitGroup
	loaded chan struct{} // closed when the list has loaded for the first time

	mu      sync.Mutex
	trouble error // why it has not
}

// begin begins a presence. It lasts until its end is called.
func begin(client *rawclient.Client) *presence {
	ctx, cancel := context.WithCancel(context.Background())
	begun := &presence{client: client, cancel: cancel, loaded: make(chan struct{})}
	begun.doing.Go(func() { begun.askForHealth(ctx) })
	begun.doing.Go(func() { begun.keepList(ctx) })
	return begun
}

// end ends the presence, and waits until it asks for nothing any more.
func (p *presence) end() {
	p.cancel()
	p.doing.Wait()
}

// awaitLoaded waits until the list has loaded for the first time.
func (p *presence) awaitLoaded(ctx context.Context) error {
	select {
	case <-p.loaded:
		return nil
	case <-ctx.Done():
		p.mu.Lock()
		defer p.mu.Unlock()
		return fmt.Errorf("wait for the list of namespaces: %w", errors.Join(context.Cause(ctx), p.trouble))
	}
}

// askForHealth asks again some time after each answer, whatever it was: that is
// the witnesses' to tell.
//
// It begins half a poll late. A token lives for a whole number of polls and ends
// with a whole second, so questions that begin with the session would all come
// within a second of an expiry, of which a judge must not make anything.
func (p *presence) askForHealth(ctx context.Context) {
	pause(ctx, poll/2)
	for ctx.Err() == nil {
		_, _ = p.client.Get(ctx, "/healthz")
		pause(ctx, poll)
	}
}

func (p *presence) keepList(ctx context.Context) {
	delay := firstPause
	for ctx.Err() == nil {
		if p.listAndWatch(ctx) {
			delay = firstPause
		}
		pause(ctx, delay)
		delay = min(2*delay, longestPause)
	}
}

// listAndWatch returns when its watch is over, and says whether there was one.
func (p *presence) listAndWatch(ctx context.Context) (watched bool) {
	list, err := listNamespaces(ctx, p.client)
	if err == nil && !slices.Contains(list.names, shownInEveryList) {
		err = fmt.Errorf("the list is there without %s", shownInEveryList)
	}
	if err != nil {
		p.mu.Lock()
		p.trouble = err
		p.mu.Unlock()
		return false
	}
	select {
	case <-p.loaded:
	default:
		close(p.loaded)
	}
	watch, err := p.client.Watch(ctx, namespacesPath+"?watch=1&resourceVersion="+list.version, nil)
	if err != nil {
		return false
	}
	defer watch.Close()
	for {
		event, err := watch.Next()
		if err != nil || event.Type == "ERROR" {
			return true
		}
	}
}

// namespaceList is what is needed of a list of namespaces.
type namespaceList struct {
	version string // of the list, from where a watch goes on
	names   []string
}

func listNamespaces(ctx context.Context, client *rawclient.Client) (namespaceList, error) {
	answer, err := client.Get(ctx, namespacesPath)
	if err != nil {
		return namespaceList{}, err
	}
	var document struct {
		Metadata struct {
			ResourceVersion string `json:"resourceVersion"`
		} `json:"metadata"`
		Items []struct {
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
		} `json:"items"`
	}
	if answer.Status != http.StatusOK || json.Unmarshal(answer.Body, &document) != nil {
		return namespaceList{}, fmt.Errorf("list the namespaces: answered %s", answer)
	}
	list := namespaceList{version: document.Metadata.ResourceVersion}
	for _, item := range document.Items {
		list.names = append(list.names, item.Metadata.Name)
	}
	return list, nil
}

// pause waits for some time, or until ctx ends.
func pause(ctx context.Context, duration time.Duration) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
