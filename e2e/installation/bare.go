package installation

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
)

const (
	// loadTimeout is the longest that a list may take to load for the first time,
	// as on a page.
	loadTimeout = time.Minute
	// toldWithin is the longest that a watch may take to tell of an object.
	toldWithin = 20 * time.Second
)

// bare is the way of a user without a browser: tap, impersonator, audit log and
// Keycloak see of it what they would see of a page.
type bare struct {
	client *rawclient.Client
	// presence is there once a list has been opened.
	presence *presence
	onClose  func(func(context.Context) error)
}

// logInBare logs a user in with requests, and asks for what an overview needs.
func (in *Installation) logInBare(ctx context.Context, user User) (way, error) {
	return in.logInBareTo(ctx, user, clusterName, in.realm.Issuer)
}

// logInBareTo is logInBare for one of the dashboard's clusters.
func (in *Installation) logInBareTo(ctx context.Context, user User, cluster, issuer string) (way, error) {
	client, err := in.newClientFor(cluster, issuer)
	if err != nil {
		return nil, err
	}
	if err := in.passLoginBare(ctx, client, user); err != nil {
		return nil, err
	}
	logged := &bare{client: client, onClose: in.onClose}
	return logged, logged.loadOverview(ctx)
}

// loadOverview asks, as a page does before it shows anything, whether the API
// server accepts the user, and then for the overview's events.
func (b *bare) loadOverview(ctx context.Context) error {
	answer, err := b.client.Do(ctx, http.MethodPost, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
		map[string]any{"spec": map[string]string{"namespace": "default"}})
	if err == nil && answer.Status != http.StatusCreated {
		err = fmt.Errorf("answered %s", answer)
	}
	if err != nil {
		return fmt.Errorf("ask whether the API server accepts the user: %w", err)
	}
	// An overview has loaded, too, for a user who may see no events.
	_, err = b.client.Get(ctx, "/api/v1/events")
	return err
}

func (b *bare) ownToken(context.Context) (string, error) { return b.client.Token(), nil }

func (b *bare) tab() string { return "" }

// openNamespaces waits for the list as it is: an answer has all of it.
func (b *bare) openNamespaces(ctx context.Context, _ []string) error {
	if b.presence == nil {
		b.presence = begin(b.client)
		b.onClose(func(context.Context) error { b.presence.end(); return nil })
	}
	bounded, cancel := context.WithTimeoutCause(ctx, loadTimeout, fmt.Errorf("not within %s", loadTimeout))
	defer cancel()
	return b.presence.awaitLoaded(bounded)
}

// lookFor sees the namespace in a list's answer. No page shows it, so none is
// recorded to have seen it.
func (b *bare) lookFor(ctx context.Context, namespace string) error {
	bounded, cancel := context.WithTimeout(ctx, judge.AliveWithin)
	defer cancel()
	for bounded.Err() == nil {
		if list, err := listNamespaces(bounded, b.client); err == nil && slices.Contains(list.names, namespace) {
			return nil
		}
		pause(bounded, poll)
	}
	return ctx.Err()
}

func (b *bare) askWhoIAm(ctx context.Context) (status int, body []byte, err error) {
	answer, err := askReview(ctx, b.client)
	return answer.Status, answer.Body, err
}

// useEveryVerb sends what verbs.js has a page send.
func (b *bare) useEveryVerb(ctx context.Context, path string) (unserved []string, err error) {
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	// The watch is open before the object is made, and over when it was told of it.
	watch, err := b.client.Watch(bounded, path+"?watch=1", nil)
	if err != nil {
		unserved = append(unserved, "the watch could not be opened")
	} else {
		defer watch.Close()
	}
	object := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]string{"name": "verbs"}}
	call := func(method, path string, body any) {
		answer, err := b.client.Do(ctx, method, path, body)
		switch {
		case err != nil:
			unserved = append(unserved, err.Error())
		case answer.Status >= http.StatusMultipleChoices:
			unserved = append(unserved, fmt.Sprintf("%s was answered %d", method, answer.Status))
		}
	}
	call(http.MethodPost, path, object)
	call(http.MethodGet, path+"/verbs", nil)
	call(http.MethodPatch, path+"/verbs", map[string]any{"data": map[string]string{"changed": "yes"}})
	object["data"] = map[string]string{"changed": "again"}
	call(http.MethodPut, path+"/verbs", object)
	call(http.MethodGet, path, nil)
	if watch != nil {
		stop := time.AfterFunc(toldWithin, cancel)
		if _, err := watch.Next(); err != nil {
			unserved = append(unserved, "the watch told nothing within "+toldWithin.String())
		}
		stop.Stop()
	}
	call(http.MethodDelete, path+"/verbs", nil)
	return unserved, ctx.Err()
}

func (b *bare) searchForTokens(context.Context) error { return needsPage("search for tokens") }

func (b *bare) reload(context.Context) error { return needsPage("reload the page") }

func (b *bare) visitNamespaces(context.Context, []string) error {
	return needsPage("go to the namespaces and back")
}

func (b *bare) logInAgain(context.Context) error { return needsPage("log in again") }

func needsPage(what string) error {
	return fmt.Errorf("%s: there is no page in a bare installation; plan the scenario in a browser", what)
}
