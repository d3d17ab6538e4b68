package pages

import (
	"context"

	"github.com/chromedp/chromedp"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
)

// LogInAtKeycloak fills in Keycloak's login form and sends it.
func LogInAtKeycloak(ctx context.Context, tab *browser.Tab, username, password string) error {
	if err := tab.Do(ctx, "wait for Keycloak's login form", chromedp.WaitVisible(chromedp.CSS("#kc-login"))); err != nil {
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
