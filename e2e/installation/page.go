package installation

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/judge"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/pages"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/rawclient"
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// clusterPath is below what path the dashboard passes requests on.
const clusterPath = "/clusters/" + clusterName

// whoAmI has the page ask the API server, through the dashboard and with the
// page's own credentials, as whom it was authenticated (SelfSubjectReview).
const whoAmI = `(async () => {
  const response = await %s.fetch(%s, {
    method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview"}),
  });
  return {status: response.status, body: await response.text()};
})()`

// ownScript sends requests as the page itself does, with its own credentials.
//
//go:embed own.js
var ownScript string

// own is ownScript for the installation's cluster.
func own() string { return fmt.Sprintf("(%s)(%q)", strings.TrimSpace(ownScript), clusterName) }

// verbsScript makes a ConfigMap, reads, changes, lists, watches and removes it.
//
//go:embed verbs.js
var verbsScript string

// onPage is the way of a user with a page in the browser.
type onPage struct {
	page     pages.Headlamp
	user     User
	recorder *timeline.Recorder
	// keepsToken is set once the page was seen to have the token itself.
	keepsToken bool
	// newClient makes a client without a browser, who is not logged in.
	newClient func() (*rawclient.Client, error)
}

// logInOnPage opens the dashboard in a new tab and logs a user in through the
// window that Sign In opens.
func (in *Installation) logInOnPage(ctx context.Context, user User) (way, error) {
	leave, err := in.stand.Admission.Enter(ctx)
	if err != nil {
		return nil, environment("wait for a place to log in", err)
	}
	defer leave()
	page, err := in.newPage(ctx)
	if err != nil {
		return nil, err
	}
	if err := in.passLogin(ctx, page, user); err != nil {
		return nil, err
	}
	return in.onPage(page, user), page.AwaitOverview(ctx)
}

// newPage opens an empty tab for the dashboard's page.
func (in *Installation) newPage(ctx context.Context) (pages.Headlamp, error) {
	tab, err := in.profile.NewTab(ctx)
	if err != nil {
		return pages.Headlamp{}, environment("open a tab", err)
	}
	in.tabs = append(in.tabs, tab)
	return pages.Headlamp{Tab: tab, URL: in.address(), Base: in.options.Setup.BaseURL, Cluster: clusterName}, nil
}

func (in *Installation) onPage(page pages.Headlamp, user User) *onPage {
	return &onPage{page: page, user: user, recorder: in.recorder, newClient: in.newClient}
}

func (p *onPage) tab() string { return p.page.Tab.Name() }

func (p *onPage) openNamespaces(ctx context.Context, names []string) error {
	return p.page.OpenNamespaces(ctx, names)
}

func (p *onPage) reload(ctx context.Context) error {
	if err := p.page.Reload(ctx); err != nil {
		return err
	}
	return p.page.AwaitOverview(ctx)
}

func (p *onPage) visitNamespaces(ctx context.Context, names []string) error {
	if err := p.page.OpenNamespaces(ctx, names); err != nil {
		return err
	}
	if err := p.page.Back(ctx); err != nil {
		return err
	}
	return p.page.AwaitOverview(ctx)
}

// logInAgain signs in as a person does. Keycloak may know the user still, and then
// asks for nothing: the window is gone at once, perhaps before it can be looked at.
func (p *onPage) logInAgain(ctx context.Context) error {
	window, opening := p.page.SignIn(ctx)
	if opening == nil {
		defer window.Close()
		opening = pages.LogInAtKeycloakIfAsked(ctx, window, p.user.Name, p.user.account.Password.Reveal())
	}
	if err := p.page.AwaitInside(ctx); err != nil {
		return errors.Join(opening, err)
	}
	return nil
}

func (p *onPage) lookFor(ctx context.Context, namespace string) error {
	return p.lookWithin(ctx, namespace, judge.AliveWithin)
}

// lookWithin records when the page shows the namespace, if it does.
func (p *onPage) lookWithin(ctx context.Context, namespace string, limit time.Duration) error {
	err := p.page.AwaitText(ctx, namespace, limit)
	switch {
	case err == nil:
		p.recorder.Add(timeline.Event{Witness: timeline.Page, Kind: timeline.ObjectSeen, Tab: p.tab(), Text: namespace})
	case errors.Is(err, browser.ErrLost):
		return onThePage(err)
	}
	return ctx.Err()
}

func (p *onPage) askWhoIAm(ctx context.Context) (status int, body []byte, err error) {
	address, err := json.Marshal(p.page.Base + clusterPath + reviewPath)
	if err != nil {
		return 0, nil, err
	}
	answer, err := p.page.Fetch(ctx, "send a request from the page", fmt.Sprintf(whoAmI, own(), address))
	return answer.Status, []byte(answer.Body), err
}

// ownToken is the token that the page has, or "": a secret, which reaches no record.
func (p *onPage) ownToken(ctx context.Context) (string, error) {
	token, err := browser.Evaluate[string](ctx, p.page.Tab, "read the page's own token", own()+".token()")
	return token, onThePage(err)
}

func (p *onPage) useEveryVerb(ctx context.Context, path string) (unserved []string, err error) {
	address, err := json.Marshal(p.page.Base + clusterPath + path)
	if err != nil {
		return nil, err
	}
	return browser.Evaluate[[]string](ctx, p.page.Tab, "send requests from the page", fmt.Sprintf("(%s)(%s, %s)", strings.TrimSpace(verbsScript), address, own()))
}

func (p *onPage) searchForTokens(ctx context.Context) error {
	if err := p.page.Tab.RecordCookies(ctx, p.page.URL); err != nil {
		return onThePage(err)
	}
	return onThePage(p.page.Tab.RecordExposure(ctx, p.page.URL))
}
