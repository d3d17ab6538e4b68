package pages

import (
	"context"
	"fmt"

	"github.com/chromedp/chromedp"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
)

// OpenAt opens a path of the dashboard, as a bookmark does, and waits for the
// login page.
func (h Headlamp) OpenAt(ctx context.Context, path string) error {
	if err := h.Tab.Do(ctx, "open "+path+" of the dashboard", chromedp.Navigate(h.URL+path)); err != nil {
		return err
	}
	return h.AwaitSignIn(ctx)
}

// AwaitSignIn waits until the page offers to sign in.
func (h Headlamp) AwaitSignIn(ctx context.Context) error {
	return h.Tab.Do(ctx, "wait for the Sign In button", chromedp.WaitVisible(signIn))
}

// ClickSignIn clicks Sign In, and leaves the window that it opens to itself.
func (h Headlamp) ClickSignIn(ctx context.Context) error {
	return h.Tab.Do(ctx, "click Sign In", chromedp.Click(signIn))
}

// AwaitInside waits until any page of the cluster has loaded which is no form of
// the login's.
func (h Headlamp) AwaitInside(ctx context.Context) error {
	return h.Tab.Await(ctx, "wait for a page of the cluster", fmt.Sprintf(
		`(() => {
  const path = location.pathname.replace(/\/+$/, ""), home = %s;
  return (path === home || path.startsWith(home + "/")) && path !== home + "/login" && path !== home + "/token" &&
    [...document.querySelectorAll("h1, h2")].some((heading) => heading.textContent.trim() !== "");
})()`, quote(h.Base+"/c/"+h.Cluster)), loadTimeout)
}

// AwaitAt waits until the page is at a path and shows a text.
func (h Headlamp) AwaitAt(ctx context.Context, path, text string) error {
	return h.Tab.Await(ctx, fmt.Sprintf("wait for %q at %s", text, path), fmt.Sprintf(
		`location.pathname.replace(/\/+$/, "") === %s && document.body && document.body.innerText.includes(%s)`, quote(path), quote(text)), loadTimeout)
}

// inputError is what Keycloak's login form says about a field: input-error up to 25,
// input-error-username from then on, in a container that is there in any case.
const inputError = `[id^="input-error"]:not([id^="input-error-container"])`

// TryWrongPassword sends Keycloak's login form with a wrong password, and waits
// until the form says that it was wrong.
func TryWrongPassword(ctx context.Context, window *browser.Tab, username, password string) error {
	if err := LogInAtKeycloak(ctx, window, username, password); err != nil {
		return err
	}
	return window.Do(ctx, "wait until Keycloak's login form says that the password was wrong", chromedp.WaitVisible(chromedp.CSS(inputError)))
}

// AwaitForm waits until a window shows Keycloak's login form.
func AwaitForm(ctx context.Context, window *browser.Tab) error {
	return window.Do(ctx, "wait for Keycloak's login form", chromedp.WaitVisible(chromedp.CSS("#kc-login")))
}

// shownAtCallback is what a login's window shows where Keycloak has sent it back
// to: nothing while it is on its way, and while it is not loaded. For an error
// without a text the browser has a page of its own, which tells a person nothing.
const shownAtCallback = `(() => {
  if (location.protocol === "chrome-error:") return {there: true, text: ""};
  if (!location.pathname.endsWith("/oidc-callback") || document.readyState !== "complete") return {there: false, text: ""};
  return {there: true, text: document.body ? document.body.innerText : ""};
})()`

// AtCallback says whether a login's window has come to rest where Keycloak sends
// it back to, and what it shows there. A login that works goes on from there.
func AtCallback(ctx context.Context, window *browser.Tab) (there bool, text string, err error) {
	shown, err := browser.Evaluate[struct {
		There bool   `json:"there"`
		Text  string `json:"text"`
	}](ctx, window, "read what the login's window shows", shownAtCallback)
	return shown.There, shown.Text, err
}
