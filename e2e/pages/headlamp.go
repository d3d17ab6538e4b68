package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
)

// loadTimeout is the longest that Headlamp's page may take to load: it costs
// five CPU seconds, and others may load beside it.
const loadTimeout = 60 * time.Second

// signIn finds the button by its role and text, as a person does.
const signIn = chromedp.Search(`//button[contains(., 'Sign In')]`)

// Headlamp is Headlamp's page in a tab.
type Headlamp struct {
	Tab     *browser.Tab
	URL     string // without a slash at its end
	Base    string // the path in it, such as /headlamp, or empty
	Cluster string // the cluster's name in its routes
}

// Open opens the dashboard's root and waits for the login page.
func (h Headlamp) Open(ctx context.Context) error {
	if err := h.Tab.Do(ctx, "open the dashboard", chromedp.Navigate(h.URL+"/")); err != nil {
		return err
	}
	return h.Tab.Do(ctx, "wait for the Sign In button", chromedp.WaitVisible(signIn))
}

// OpenSentToLogin opens the dashboard's root before which a proxy stands that sends
// the browser to the login's form.
func (h Headlamp) OpenSentToLogin(ctx context.Context) error {
	return h.Tab.Do(ctx, "open the dashboard, behind a proxy that asks for a login", chromedp.Navigate(h.URL+"/"))
}

// OpenLoggedIn opens the dashboard's root, with a session, and waits for the
// cluster's overview.
func (h Headlamp) OpenLoggedIn(ctx context.Context) error {
	if err := h.Tab.Do(ctx, "open the dashboard", chromedp.Navigate(h.URL+"/")); err != nil {
		return err
	}
	return h.AwaitOverview(ctx)
}

// OpenAgain opens the dashboard's root, and waits until it either offers a login or
// shows the cluster's overview.
func (h Headlamp) OpenAgain(ctx context.Context) error {
	if err := h.Tab.Do(ctx, "open the dashboard again", chromedp.Navigate(h.URL+"/")); err != nil {
		return err
	}
	return h.Tab.Await(ctx, "wait for the Sign In button or the cluster's overview",
		find(string(signIn))+" || "+h.isOverview(), loadTimeout)
}

// SignIn clicks Sign In and returns the window that it opens.
func (h Headlamp) SignIn(ctx context.Context) (*browser.Tab, error) {
	return h.Tab.Popup(ctx, "click Sign In, which opens a window", chromedp.Click(signIn))
}

// AwaitOverview waits until the cluster's overview has loaded.
func (h Headlamp) AwaitOverview(ctx context.Context) error {
	return h.Tab.Await(ctx, "wait for the cluster's overview", h.isOverview(), loadTimeout)
}

// isOverview is a JavaScript expression for whether the page shows the overview.
func (h Headlamp) isOverview() string {
	return fmt.Sprintf(
		`location.pathname.replace(/\/+$/, "") === %s && [...document.querySelectorAll("h1, h2")].some((heading) => heading.textContent.trim() === "Overview")`,
		quote(h.Base+"/c/"+h.Cluster))
}

// OpenNamespaces goes to the list of namespaces through the page's own link,
// and waits until the list shows one of these. Which, is no matter: an old one may be
// on a page of the list that is not shown, and a new one has to be watched for.
func (h Headlamp) OpenNamespaces(ctx context.Context, namespaces []string) error {
	link := chromedp.CSS(fmt.Sprintf(`a[href$="/c/%s/namespaces"]`, h.Cluster))
	if err := h.Tab.Do(ctx, "click the link to the namespaces", chromedp.Click(link)); err != nil {
		return err
	}
	// Strings can always be encoded.
	names, _ := json.Marshal(namespaces)
	return h.Tab.Await(ctx, "wait for the list of namespaces",
		fmt.Sprintf("document.body && %s.some((name) => document.body.innerText.includes(name))", names), loadTimeout)
}

// Back goes one page back, as the browser's button does, and does not wait.
func (h Headlamp) Back(ctx context.Context) error {
	// The page stays loaded: chromedp's own way waits for it to load.
	_, err := browser.Evaluate[bool](ctx, h.Tab, "go back", "(history.back(), true)")
	return err
}

// Reload loads the page anew, and waits until it has loaded: what it shows then
// is still to come.
func (h Headlamp) Reload(ctx context.Context) error {
	return h.Tab.Do(ctx, "reload the page", chromedp.Reload())
}

// AwaitText waits until the page shows a text.
func (h Headlamp) AwaitText(ctx context.Context, text string, limit time.Duration) error {
	return h.Tab.Await(ctx, fmt.Sprintf("wait for %q to appear in the page", text),
		fmt.Sprintf("document.body && document.body.innerText.includes(%s)", quote(text)), limit)
}

// quote writes a text as a JavaScript string.
func quote(text string) string {
	// A string can always be encoded.
	encoded, _ := json.Marshal(text)
	return string(encoded)
}

// Answer is what a request of the page's own was answered.
type Answer struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
}

// Fetch evaluates an expression that sends a request from inside the page, with
// the page's own cookies.
func (h Headlamp) Fetch(ctx context.Context, what, expression string) (Answer, error) {
	return browser.Evaluate[Answer](ctx, h.Tab, what, expression)
}
