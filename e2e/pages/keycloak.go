package pages

import (
	"context"

	"github.com/chromedp/chromedp"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
)

// LogInAtKeycloakIfAsked logs in through a window that Sign In has opened: with
// Keycloak's form, or, when Keycloak knows the user still, by waiting for the
// window to close itself.
func LogInAtKeycloakIfAsked(ctx context.Context, window *browser.Tab, username, password string) error {
	bounded, cancel := context.WithCancel(ctx)
	defer cancel()
	closed := make(chan error, 1)
	go func() {
		err := window.AwaitClosed(bounded, "wait for the login window to close itself")
		cancel()
		closed <- err
	}()
	// Ends with the window, too.
	if err := LogInAtKeycloak(bounded, window, username, password); err != nil && bounded.Err() == nil {
		return err
	}
	return <-closed
}

// LogInAtKeycloak fills in Keycloak's login form and sends it.
func LogInAtKeycloak(ctx context.Context, tab *browser.Tab, username, password string) error {
	const what = "wait for Keycloak's login form"
	// When a page has loaded, the browser forgets which elements were found in it
	// before. Keycloak 24 shows its form while scripts are still to come.
	if err := tab.Await(ctx, what, `document.readyState === "complete" && document.querySelector("#kc-login")`, browser.ActionTimeout); err != nil {
		return err
	}
	if err := tab.Do(ctx, what, chromedp.WaitVisible(chromedp.CSS("#kc-login"))); err != nil {
		return err
	}
	if err := tab.Do(ctx, "fill in Keycloak's login form",
		chromedp.SendKeys(chromedp.CSS("#username"), username),
		chromedp.SendKeys(chromedp.CSS("#password"), password),
	); err != nil {
		return err
	}
	return tab.Do(ctx, "send Keycloak's login form", chromedp.Click(chromedp.CSS("#kc-login")))
}
