package pages

import (
	"context"

	"github.com/chromedp/chromedp"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/browser"
)

const (
	// userMenu is the button that opens the menu of the logged-in user.
	userMenu = chromedp.CSS(`button[aria-label="Account of current user"]`)
	// logOut is the menu's entry: "Log out", and who, from 0.41 on.
	logOut = chromedp.Search(`//*[@id="primary-user-menu"]//*[@role="menuitem" or self::a][contains(., 'Log out')]`)
)

// LogOut logs out by the user menu, and waits until a login is offered.
func (h Headlamp) LogOut(ctx context.Context) error {
	if err := h.Tab.Do(ctx, "open the user menu", chromedp.Click(userMenu)); err != nil {
		return err
	}
	if err := h.Tab.Do(ctx, "click Log out", chromedp.Click(logOut)); err != nil {
		return err
	}
	return h.AwaitLogin(ctx)
}

// AwaitLogin waits until the page offers a login.
func (h Headlamp) AwaitLogin(ctx context.Context) error {
	return h.Tab.Do(ctx, "wait for the Sign In button", chromedp.WaitVisible(signIn))
}

// AsksForPassword waits until a window that Sign In opened shows Keycloak's
// form, or closes itself because nothing was asked.
func AsksForPassword(ctx context.Context, window *browser.Tab) (bool, error) {
	closed, err := window.AwaitOrClosed(ctx, "wait for Keycloak's login form, or for the window to close itself",
		`document.querySelector("#kc-login")`)
	return !closed, err
}
